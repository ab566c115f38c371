import type { Argv } from "yargs";
import { UsageError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { BenchBaseline } from "../../verify/bench/baseline-file.ts";
import type { BenchRequest } from "../../verify/bench/bench-pattern.ts";
import type { BenchReport } from "../../verify/bench/bench-report.ts";
import { duration } from "../duration.ts";

/** The options of `verify --bench`, as typed. */
export interface BenchOptions {
  bench?: string | undefined;
  rate?: string | undefined;
  baseline?: string | undefined;
  saveBaseline?: string | undefined;
  maxSlowdown?: number | undefined;
}

/** Adds the options of a bench to a command. */
export const withBenchOptions = <Options>(yargs: Argv<Options>) =>
  yargs
    .option("bench", {
      type: "string",
      describe: "measure the latency of each reading pattern for so long, such as 30s",
      requiresArg: true,
    })
    .option("rate", {
      type: "string",
      describe: "with --bench: runs to start, such as 200/s, whatever the answers take",
      requiresArg: true,
    })
    .option("baseline", {
      type: "string",
      describe: "with --bench: compare with a file of --save-baseline",
      requiresArg: true,
    })
    .option("save-baseline", {
      type: "string",
      describe: "with --bench: keep the latencies in this file",
      requiresArg: true,
    })
    .option("max-slowdown", {
      type: "number",
      describe: "with --baseline: exit 2 where p50, p95 or p99 is over so many times the baseline's",
      requiresArg: true,
    });

/** What `--bench` asks for. */
export interface BenchPlan {
  readonly request: BenchRequest;
  readonly baseline: { readonly file: string; readonly content: BenchBaseline } | undefined;
}

/** More than a single process can start: whoever means it means several machines. */
const MOST_PER_SECOND = 10_000;

/** `200/s` as runs a second. @throws {UsageError} */
function runsPerSecond(value: string): number {
  const rate = Number(/^(\d+(?:\.\d+)?)\/s$/.exec(value)?.[1]);
  if (rate > 0 && rate <= MOST_PER_SECOND) return rate;
  throw new UsageError({
    message: `--rate ${value} is no rate of runs`,
    next: `Write it as a number up to ${MOST_PER_SECOND} a second: --rate 200/s.`,
    facts: { option: "rate", value },
  });
}

function refuseWithout(options: BenchOptions, given: keyof BenchOptions, needed: keyof BenchOptions): void {
  if (options[given] === undefined || options[needed] !== undefined) return;
  const spell = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new UsageError({
    message: `${spell(given)} needs ${spell(needed)}`,
    next: "For example: --bench 30s --rate 200/s --baseline latency.json --max-slowdown 1.5",
    facts: { option: given, needs: needed },
  });
}

/**
 * Reads the options of a bench, and the baseline, before anything runs.
 * @returns undefined where no bench is asked for
 * @throws {UsageError} {@link BaselineFileError}
 */
export async function planBench(options: BenchOptions): Promise<BenchPlan | undefined> {
  for (const name of ["rate", "baseline", "saveBaseline"] as const) refuseWithout(options, name, "bench");
  refuseWithout(options, "maxSlowdown", "baseline");
  refuseWithout(options, "bench", "rate");
  const { bench, rate, baseline, maxSlowdown } = options;
  if (bench === undefined || rate === undefined) return undefined;
  if (maxSlowdown !== undefined && !(maxSlowdown > 0)) {
    throw new UsageError({
      message: "--max-slowdown must be a number above 0",
      next: "Give it as a ratio: --max-slowdown 1.5 for one and a half times as slow.",
      facts: { option: "max-slowdown", value: maxSlowdown },
    });
  }
  const request = { ratePerSecond: runsPerSecond(rate), durationMs: duration("bench", bench) };
  if (request.ratePerSecond * request.durationMs < 1000) {
    throw new UsageError({
      message: `--bench ${bench} at ${rate} is not a single run`,
      next: "Measure for longer, or at a higher rate.",
      facts: { bench, rate },
    });
  }
  if (baseline === undefined) return { request, baseline: undefined };
  const { readBaseline } = await import("../../verify/bench/baseline-file.ts");
  return { request, baseline: { file: baseline, content: await readBaseline(baseline) } };
}

/** Holds a bench against the baseline that was named, and keeps it as one where that was asked for. */
export async function settleBench(
  bench: BenchReport,
  plan: BenchPlan,
  options: BenchOptions,
  log: Log,
): Promise<void> {
  if (plan.baseline) {
    const { compareWithBaseline } = await import("../../verify/bench/compare-baseline.ts");
    const { file, content } = plan.baseline;
    bench.baseline = compareWithBaseline(bench, content, { file, maxSlowdown: options.maxSlowdown });
  }
  if (options.saveBaseline === undefined) return;
  const { whyNoBaseline, writeBaseline } = await import("../../verify/bench/baseline-file.ts");
  const { writeNamedFile } = await import("../write-named-file.ts");
  const reason = whyNoBaseline(bench);
  if (reason !== undefined) {
    log.warn(`${options.saveBaseline} was not written: ${reason}`);
    return;
  }
  const kind = { what: "baseline", option: "save-baseline", log };
  await writeNamedFile(options.saveBaseline, (path) => writeBaseline(path, bench, new Date()), kind);
  log.info(`wrote ${options.saveBaseline}`);
}
