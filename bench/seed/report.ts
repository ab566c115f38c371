import { MAX_BATCH_WRITE_ITEMS } from "../../src/dynamo/limits.ts";
import { median } from "../statistics.ts";
import { WINDOW } from "./contestants.ts";
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
  /** The share of the machine that other processes took meanwhile. */
  readonly takenByOthers: number;
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
    takenByOthers: median(of((run) => run.takenByOthers)),
    peakMegabytes: median(of((run) => run.peakBytes / 1e6)),
    requestsAnItem: median(of((run) => run.sink.requests / items)),
    lost: Math.max(...of((run) => lostIn(run, items))),
    exitCodes: [...new Set(of((run) => run.exitCode))],
  };
}

const row = (cells: readonly string[]) => {
  const [name = "", ...rest] = cells;
  const widths = [7, 6, 20, 6, 5, 8, 6, 5];
  return `${name.padEnd(17)}${rest.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("")}`;
};

/** Three digits, which fit beside each other up to 999 s. */
const shownSeconds = (seconds: number) => seconds.toFixed(seconds < 10 ? 2 : 1);

function contestantRow(name: string, summary: Summary, base: number | undefined): string {
  const { seconds, itemsPerSecond } = summary;
  return row([
    name,
    itemsPerSecond.toFixed(0),
    base === undefined ? "-" : (itemsPerSecond / base).toFixed(2),
    `${shownSeconds(seconds.median)} (${shownSeconds(seconds.least)}-${shownSeconds(seconds.most)})`,
    summary.cpuMicrosAnItem.toFixed(0),
    summary.peakMegabytes.toFixed(0),
    summary.requestsAnItem.toFixed(4),
    String(summary.lost),
    summary.exitCodes.join(","),
  ]);
}

/** The results of one setting as a table of 80 columns, against one of the contestants. */
export function settingTable(results: readonly Result[], against: string): string {
  const [first] = results;
  if (!first) return "";
  const { latencyMs, unprocessed, items, runs } = first;
  const rival = results.find(({ contestant }) => contestant === against);
  const base = rival && summarize(rival).itemsPerSecond;
  const summaries = results.map(summarize);
  const rows = summaries.map((summary, n) => contestantRow(results[n]?.contestant ?? "", summary, base));
  const span = (values: readonly number[], digits: number) =>
    `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
  const sinkMicros = summaries.map((summary) => summary.sinkCpuMicrosAnItem);
  const others = summaries.map((summary) => summary.takenByOthers * 100);
  return [
    `${latencyMs} ms latency, ${unprocessed * 100} % unprocessed, ${items} items, medians of ${runs.length} runs`,
    ...(latencyMs > 0
      ? [
          `(at most ${((WINDOW * MAX_BATCH_WRITE_ITEMS) / latencyMs) * 1000} items/s fit through a window of ${WINDOW})`,
        ]
      : []),
    row(["", "", "times", "seconds", "us", "RSS", "reqs", "items", ""]),
    row(["", "items/s", "ours", "(least-most)", "/item", "MB", "/item", "lost", "exit"]),
    ...rows,
    `CPU of the sink: ${span(sinkMicros, 1)} us/item; of other processes: ${span(others, 0)} % of the machine`,
  ].join("\n");
}
