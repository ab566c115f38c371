import type { TableDesign } from "../dynamo/table-design.ts";
import type { Target } from "../dynamo/target.ts";
import type { Log } from "../log.ts";
import type { QuerySet } from "../query/access-pattern.ts";
import type { ExportedPatterns } from "../query/find-exported-patterns.ts";
import type { OracleSet, PlainItem } from "../query/oracle.ts";
import type { BenchRequest } from "./bench/bench-pattern.ts";
import { largestRun } from "./cost/budget.ts";
import type { CostLock } from "./cost/lock-file.ts";
import { NO_COST } from "./cost/measure.ts";
import type { PlannedPattern } from "./coverage.ts";
import { collectEvidence, messageOf, roundMilliseconds } from "./evidence/collect-evidence.ts";
import { costOf, type Judged, NOTHING_JUDGED } from "./judged.ts";
import { watchEntities } from "./model/used-entities.ts";
import { openProbe, type Probe } from "./probe.ts";
import type { VerifySource } from "./read-source.ts";
import type { PatternResult } from "./report.ts";
import { describeFailure, isUnknown } from "./run-pattern.ts";
import { fail, HIDDEN, type Problem } from "./verdict.ts";

/** What to verify, against what, and how. */
export interface VerifyOptions {
  readonly target: Target;
  /** The physical table, loaded and migrated. Nothing is ever written to it. */
  readonly table: string;
  readonly design: TableDesign;
  readonly querySet: QuerySet;
  readonly oracles: OracleSet;
  /** Where the right answers come from. */
  readonly source: VerifySource;
  /** Default: one that nobody chose; the report says which. */
  readonly seed?: number | undefined;
  /** How many inputs with rows to draw for each pattern. Default 5. */
  readonly inputCount?: number | undefined;
  /** Ids of the patterns to judge. Default: all. */
  readonly selected?: readonly string[] | undefined;
  /** Leave out the writing patterns. Default false. */
  readonly readOnly?: boolean | undefined;
  /** Make a scratch table for the writing patterns on AWS too; a local engine needs no such leave. */
  readonly scratch?: boolean | undefined;
  /** A scratch table that the caller has made, and deletes. Default: one for this run. */
  readonly scratchTable?: string | undefined;
  /** Send many writes at once where a check says how. Default true. */
  readonly contention?: boolean | undefined;
  /** How long a wrong answer of an index is read again, in milliseconds for each pattern. Default 3,000. */
  readonly indexDeadlineMs?: number | undefined;
  /** A single run that takes longer is indeterminate, in milliseconds. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Attempts of the SDK per request. Default 5. */
  readonly maxAttempts?: number | undefined;
  /** What the patterns' costs are held against, where it is of the same source. */
  readonly lock?: CostLock | undefined;
  /** Measure the latency of the reading patterns as well, once they are judged. */
  readonly bench?: BenchRequest | undefined;
  /** Hide what stands in items from messages and evidence. Default false. */
  readonly redact?: boolean | undefined;
  /**
   * Scan the table for what must hold of all its items, and the indexes. Default: on a local engine, where no
   * pattern is selected.
   */
  readonly invariants?: boolean | undefined;
  /** Measure how the patterns' costs grow, on a scratch table. Default false: it takes seconds. */
  readonly growth?: boolean | undefined;
  /** What the model's modules export, to find patterns that are not listed. Default: not looked at. */
  readonly exported?: ExportedPatterns | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log: Log;
}

/** The parts of a run that every pattern's judging takes. */
export interface Run extends VerifyOptions {
  readonly seed: number;
  /** The source items, and the same as the oracles read them. */
  readonly items: readonly PlainItem[];
  readonly parsed: unknown;
  /** The source by its content. */
  readonly locked: CostLock["source"];
  readonly limits: { readonly timeoutMs: number; readonly indexDeadlineMs: number };
  readonly results: Map<string, PatternResult>;
  /** The entities that patterns have read or written so far. */
  readonly usedEntities: Set<string>;
}

/** A pattern's line before it is judged: not run. */
export function blankResult({ pattern }: PlannedPattern): PatternResult {
  const { id, title, description, kind, index, operations, keyCondition, budget } = pattern;
  const design = {
    operations: [...operations],
    keyCondition,
    ...(index && { index }),
    ...(budget && { budget }),
  };
  return { id, title, description, kind, ...design, status: "notRun", ...NO_COST, inputs: 0, evidence: [] };
}

/** What an exception means for the pattern it came from: never a pass. */
export function problemOf(error: unknown): Problem {
  const line = describeFailure(error);
  if (isUnknown(error)) return { status: "indeterminate", lines: [line] };
  const say = (reason: string) => `judging it failed: ${reason}`;
  return { ...fail(say(line)), masked: [say(HIDDEN)] };
}

/** Puts down what judging a pattern came to. */
export function record(run: Run, id: string, judged: Judged): void {
  const { verdict, inputs, runs } = judged;
  const { redact = false } = run;
  const blank = run.results.get(id) as PatternResult;
  const cost = costOf(judged);
  const most = largestRun(runs);
  run.results.set(id, {
    ...blank,
    ...cost,
    milliseconds: roundMilliseconds(cost.milliseconds),
    status: verdict.status,
    inputs: inputs.length,
    evidence: inputs.map((input, position) => collectEvidence(input, position, redact)),
    ...(most && { largest: most }),
    ...messageOf(verdict, redact),
  });
  run.log.debug(`${id}: ${verdict.status}`);
}

/** Puts another verdict in the place of a pattern's; what was measured stays. */
export function setStatus(run: Run, id: string, problem: Problem): void {
  const result = run.results.get(id) as PatternResult;
  const message = messageOf(problem, run.redact ?? false);
  run.results.set(id, { ...result, status: problem.status, ...message });
}

/** Judges one pattern through a client of its own, and puts down what came of it. */
export async function judgeWithProbe(
  run: Run,
  id: string,
  readOnly: boolean,
  judge: (probe: Probe) => Promise<Judged>,
): Promise<void> {
  const probe = openProbe(run.target, { readOnly, maxAttempts: run.maxAttempts });
  watchEntities(probe.client, run.oracles, run.usedEntities);
  try {
    record(run, id, await judge(probe));
  } catch (error) {
    run.signal?.throwIfAborted();
    record(run, id, { ...NOTHING_JUDGED, verdict: problemOf(error) });
  } finally {
    probe.close();
  }
}
