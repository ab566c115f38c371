import { median } from "../statistics.ts";
import type { Measurement } from "./measure.ts";

/** All runs of a contestant under one setting. */
export interface Result {
  readonly contestant: string;
  readonly latencyMs: number;
  readonly unprocessed: number;
  readonly items: number;
  readonly runs: readonly Measurement[];
}

/** The medians of a contestant's runs. */
export interface Summary {
  readonly itemsPerSecond: number;
  readonly seconds: { readonly median: number; readonly least: number; readonly most: number };
  /** Of the contestant. */
  readonly cpuMicrosAnItem: number;
  /** Of the sink, meanwhile. */
  readonly sinkCpuMicrosAnItem: number;
  readonly peakMegabytes: number;
  readonly requestsAnItem: number;
  /** The most of any run: items that are missing or have other content, or items that are not in the file. */
  readonly lost: number;
  /** The exit codes that there were. */
  readonly exitCodes: readonly number[];
}

function lostIn({ sink: { comparison, written } }: Measurement, items: number): number {
  if (!comparison) return Math.max(0, items - written);
  return Math.max(comparison.missing + comparison.different, comparison.extra);
}

/** Takes the medians of a contestant's runs. */
export function summarize({ items, runs }: Pick<Result, "items" | "runs">): Summary {
  const of = (value: (run: Measurement) => number) => runs.map(value);
  const seconds = of((run) => run.seconds);
  return {
    itemsPerSecond: items / median(seconds),
    seconds: { median: median(seconds), least: Math.min(...seconds), most: Math.max(...seconds) },
    cpuMicrosAnItem: median(of((run) => (run.cpuSeconds / items) * 1e6)),
    sinkCpuMicrosAnItem: median(of((run) => run.sink.cpuMicros / items)),
    peakMegabytes: median(of((run) => run.peakBytes / 1e6)),
    requestsAnItem: median(of((run) => run.sink.requests / items)),
    lost: Math.max(...of((run) => lostIn(run, items))),
    exitCodes: [...new Set(of((run) => run.exitCode))],
  };
}

const row = (cells: readonly string[]) => {
  const [name = "", ...rest] = cells;
  const widths = [7, 6, 19, 7, 5, 8, 6, 5];
  return `${name.padEnd(17)}${rest.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("")}`;
};

/** The results of one setting as a table of 80 columns, against one of the contestants. */
export function settingTable(results: readonly Result[], against: string): string {
  const [first] = results;
  if (!first) return "";
  const { latencyMs, unprocessed, items, runs } = first;
  const rival = results.find(({ contestant }) => contestant === against);
  const base = rival && summarize(rival).itemsPerSecond;
  const rows = results.map((result) => {
    const { seconds, ...summary } = summarize(result);
    return row([
      result.contestant,
      summary.itemsPerSecond.toFixed(0),
      base === undefined ? "-" : (summary.itemsPerSecond / base).toFixed(2),
      `${seconds.median.toFixed(2)} (${seconds.least.toFixed(2)}-${seconds.most.toFixed(2)})`,
      summary.cpuMicrosAnItem.toFixed(0),
      summary.peakMegabytes.toFixed(0),
      summary.requestsAnItem.toFixed(4),
      String(summary.lost),
      summary.exitCodes.join(","),
    ]);
  });
  const sinkMicros = results.map((result) => summarize(result).sinkCpuMicrosAnItem);
  return [
    `${latencyMs} ms latency, ${unprocessed * 100} % unprocessed, ${items} items, medians of ${runs.length} runs`,
    row(["", "", "times", "seconds", "CPU us", "RSS", "reqs", "items", ""]),
    row(["", "items/s", "ours", "(least-most)", "/item", "MB", "/item", "lost", "exit"]),
    ...rows,
    `the sink's own CPU: ${Math.min(...sinkMicros).toFixed(1)} to ${Math.max(...sinkMicros).toFixed(1)} us/item`,
  ].join("\n");
}
