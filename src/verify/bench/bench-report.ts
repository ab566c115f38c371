import { ExitCode } from "../../errors.ts";
import type { AttemptCounts } from "./bench-client.ts";
import type { BaselineComparison } from "./compare-baseline.ts";
import type { LatencySummary, PercentilePoint } from "./latency-histogram.ts";

/** What a bench of a pattern came to. Only the figures of `measured` say how fast it is. */
export type BenchStatus =
  | "measured"
  /** Runs ended with an error: the pattern or its inputs are wrong. */
  | "errors"
  /** Nobody knows what some runs came to, or the rate was not kept. */
  | "indeterminate"
  | "interrupted";

/** One pattern's figures. */
export interface BenchedPattern extends AttemptCounts {
  id: string;
  status: BenchStatus;
  /** What is wrong, where it is not `measured`. */
  message?: string;
  /** Runs that should have been started. */
  due: number;
  /** Runs that have ended, whatever they came to. */
  runs: number;
  /** Runs that were under way when the bench was interrupted: how long they would have taken is not known. */
  unanswered: number;
  runsPerSecond: number;
  requestsPerSecond: number;
  /** From the moment at which a run was due, in milliseconds; null where none has ended. */
  latency: LatencySummary | null;
  /** The same whole distribution, for plots. */
  percentiles: PercentilePoint[];
  /** How much later than due runs were started: what of the latency is the client's own, in milliseconds. */
  startedLate: { p99: number; max: number };
  /** Runs that the pattern refused, as it does where something does not exist. */
  refusals: number;
  errors: number;
  /** Runs that were throttled, timed out or cut off to the end. */
  unknown: number;
}

/** What was measured where: figures of other conditions are not compared. */
export interface BenchConditions {
  cpu: string;
  cores: number;
  node: string;
  /** What answers, by its own word. */
  engine: string;
  table: string;
  /** Runs a second of each pattern. */
  rate: number;
  /** How long each pattern was run, in seconds. */
  seconds: number;
  seed: number;
  inputs: number;
  /** A hash of the source's items. */
  sourceSha256: string;
}

/** Latencies of the reading patterns under a constant rate. */
export interface BenchReport {
  conditions: BenchConditions;
  patterns: BenchedPattern[];
  /** Reading patterns that were not run, and why. */
  leftOut: { id: string; reason: string }[];
  interrupted: boolean;
  baseline?: BaselineComparison;
}

/** The exit status of a bench by itself. */
export function exitCodeOfBench({ patterns, interrupted, baseline }: BenchReport): ExitCode {
  const any = (status: BenchStatus) => patterns.some((pattern) => pattern.status === status);
  if (interrupted) return ExitCode.interrupted;
  if (any("errors")) return ExitCode.no;
  if (any("indeterminate")) return ExitCode.couldNotRun;
  if (baseline?.maxSlowdown === undefined) return ExitCode.fine;
  // Asked to hold it against a baseline that says nothing of these figures.
  if (baseline.differences.length > 0) return ExitCode.couldNotRun;
  return baseline.slower.length > 0 ? ExitCode.notYet : ExitCode.fine;
}
