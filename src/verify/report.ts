import { ExitCode } from "../errors.ts";
import type { Budget } from "../query/access-pattern.ts";
import { type BenchReport, exitCodeOfBench } from "./bench/bench-report.ts";
import type { RunCost } from "./cost/budget.ts";
import type { InputEvidence } from "./evidence/evidence.ts";

/** How a pattern was judged. Only `pass` is a pass. */
export type PatternStatus =
  | "pass"
  /** The answer is wrong, or the check could not have found a wrong one. */
  | "fail"
  | "overBudget"
  /** Throttled, timed out or unreachable: neither right nor wrong. */
  | "indeterminate"
  | "notRun";

/** One pattern's line of the report. */
export interface PatternResult {
  id: string;
  title: string;
  description: string;
  kind: "read" | "write";
  /** The index it reads; absent: the base table. */
  index?: string;
  /** The DynamoDB operations it may send. */
  operations: string[];
  /** The key condition, for people. */
  keyCondition: string;
  /** What one run of it may take. */
  budget?: Budget;
  status: PatternStatus;
  /** HTTP requests of one run for each input, the SDK's retries included. */
  requests: number;
  /**
   * Read units of those runs by DynamoDB's sizing rules; null where the answers do not show what was read
   * (a filter, a projection) and for writing patterns.
   */
  modelledReadUnits: number | null;
  /** Read units that the responses reported for those runs; null where they reported none. */
  reportedReadUnits: number | null;
  /** Time of those runs, in milliseconds. */
  milliseconds: number;
  /** How many inputs were judged. */
  inputs: number;
  /** What each of them came to, in order. */
  evidence: InputEvidence[];
  /** What the run with the most rows took: what `patterns.lock.json` keeps. Undefined where none was measured. */
  largest?: RunCost;
  /** What is wrong, in one or more lines. */
  message?: string;
}

/** What a pattern cost for its largest answer at one size of the data. */
export interface GrowthFigures {
  /** How many times the smallest data. */
  factor: number;
  /** Items in the table. */
  items: number;
  /** Rows of the whole answer; absent for a write. */
  rows?: number;
  requests: number;
  /** By DynamoDB's sizing rules; absent for a write. */
  readUnits?: number;
}

/** Whether something holds of the model as a whole. */
export interface ModelResult {
  /** Such as `follow-counts`; one of its kind. */
  id: string;
  /**
   * `invariant`: of the table's items and indexes. `coverage`: what the patterns together use. `growth`: how the cost
   * of the pattern of this id grows with the data.
   */
  kind: "invariant" | "coverage" | "growth";
  title: string;
  /** `notRun`: left out on purpose, and the message says why; it is no failure. */
  status: "pass" | "fail" | "indeterminate" | "notRun";
  /** How long it took, in milliseconds. */
  milliseconds: number;
  /** What is wrong, or why it was not judged, in one or more lines. */
  message?: string;
  /** Of `growth`: what was measured, smallest data first. */
  figures?: GrowthFigures[];
}

/** The version of the report's shape: it goes up where a field changes its meaning or goes. */
export const REPORT_VERSION = 1;

/** What a verify run came to. */
export interface VerifyReport {
  version: typeof REPORT_VERSION;
  model: string;
  table: string;
  /** When the run began, in ISO 8601 with UTC. */
  startedAt: string;
  /** How long it took. */
  seconds: number;
  /** True where what stands in items is hidden. */
  redacted: boolean;
  /** The seed that inputs were drawn with: the same seed draws the same inputs. */
  seed: number;
  /** Where the right answers come from, in words. */
  source: string;
  /** A hash of the source's items. */
  sourceSha256: string;
  /** Whether costs were held against patterns.lock.json: not where it is of another source. */
  lock: "compared" | "otherSource" | "none";
  /** True where writing patterns were left out on purpose. */
  readOnly: boolean;
  patterns: PatternResult[];
  passed: number;
  failed: number;
  overBudget: number;
  indeterminate: number;
  notRun: number;
  /** Patterns that were not asked for; not among `patterns`. */
  notSelected: string[];
  /** What was judged of the model as a whole; not counted among the patterns. */
  modelResults: ModelResult[];
  /** Latencies, where they were asked for. */
  bench?: BenchReport;
}

const count = (patterns: readonly PatternResult[], status: PatternStatus) =>
  patterns.filter((pattern) => pattern.status === status).length;

/** A report without what follows from its list of patterns. */
export type ReportFacts = Omit<
  VerifyReport,
  "version" | "patterns" | "passed" | "failed" | "overBudget" | "indeterminate" | "notRun"
>;

/** Adds the counts to a list of results. */
export function summarize(facts: ReportFacts, patterns: PatternResult[]): VerifyReport {
  return {
    version: REPORT_VERSION,
    ...facts,
    patterns,
    passed: count(patterns, "pass"),
    failed: count(patterns, "fail"),
    overBudget: count(patterns, "overBudget"),
    indeterminate: count(patterns, "indeterminate"),
    notRun: count(patterns, "notRun"),
  };
}

function exitCodeOfPatterns(report: VerifyReport): ExitCode {
  const excused = ({ status, kind }: PatternResult) =>
    status !== "notRun" || (report.readOnly && kind === "write");
  const ofModel = (status: ModelResult["status"]) =>
    report.modelResults.some((result) => result.status === status);
  if (report.failed > 0 || report.patterns.length === 0 || !report.patterns.every(excused))
    return ExitCode.no;
  if (ofModel("fail")) return ExitCode.no;
  if (report.indeterminate > 0 || ofModel("indeterminate")) return ExitCode.couldNotRun;
  if (report.overBudget > 0) return ExitCode.notYet;
  return ExitCode.fine;
}

const WORST_FIRST: readonly ExitCode[] = [
  ExitCode.interrupted,
  ExitCode.no,
  ExitCode.couldNotRun,
  ExitCode.notYet,
];

/**
 * The exit status of a report; of mixed results 1 wins over 3, and 3 over 2. A pattern that was not run is
 * no pass, except a writing one with `--read-only`; no pattern at all is no pass either. What was judged of the
 * model as a whole counts like a pattern. A bench that was interrupted is told as that.
 */
export function exitCodeOfReport(report: VerifyReport): ExitCode {
  const codes = [exitCodeOfPatterns(report), ...(report.bench ? [exitCodeOfBench(report.bench)] : [])];
  return WORST_FIRST.find((code) => codes.includes(code)) ?? ExitCode.fine;
}
