import pLimit from "p-limit";
import { describeTable } from "../dynamo/describe.ts";
import { TableNotFoundError } from "../dynamo/errors.ts";
import { allDone } from "./all-done.ts";
import { benchPatterns } from "./bench/bench.ts";
import { lockDifference, lockedSource } from "./cost/lock-file.ts";
import { type PlannedPattern, planVerify } from "./coverage.ts";
import { judgeCursors } from "./cursors/judge-cursors.ts";
import { judgeEdges } from "./edges/judge-edges.ts";
import { EmptySourceError, ScratchNotAllowedError, UnreadableSourceError } from "./errors.ts";
import { judgeOnScratch, judgeReading, type WritablePattern } from "./judge-patterns.ts";
import { NOTHING_JUDGED } from "./judged.ts";
import { excuseIndexesBehind } from "./model/index-behind.ts";
import { judgeCoverage } from "./model/judge-coverage.ts";
import { judgeGrowth } from "./model/judge-growth.ts";
import { judgeInvariants } from "./model/judge-invariants.ts";
import { openProbe } from "./probe.ts";
import { drawSeed } from "./random.ts";
import type { ReadablePattern } from "./read-answer.ts";
import { type ReportFacts, summarize, type VerifyReport } from "./report.ts";
import { selfTest } from "./self-test/self-test.ts";
import { fail } from "./verdict.ts";
import { blankResult, type Run, record, setStatus, type VerifyOptions } from "./verify-run.ts";

export type { VerifyOptions } from "./verify-run.ts";

/** Reads the source, and reads it again as the oracles understand it. */
async function readItems({
  oracles,
  source,
  redact,
  signal,
}: VerifyOptions): Promise<Pick<Run, "items" | "parsed">> {
  const items = await source.read(signal);
  if (items.length === 0) throw new EmptySourceError(source.name);
  try {
    return { items, parsed: oracles.parseSource(items) };
  } catch (error) {
    throw new UnreadableSourceError(source.name, error, redact);
  }
}

async function requireTable({ target, table, maxAttempts }: VerifyOptions): Promise<void> {
  const { client, close } = openProbe(target, { readOnly: true, maxAttempts });
  try {
    if (!(await describeTable(client, table))) throw new TableNotFoundError(table, target.description);
  } finally {
    close();
  }
}

const isReadable = (planned: PlannedPattern): planned is ReadablePattern => planned.check?.kind === "read";
const isWritable = (planned: PlannedPattern): planned is WritablePattern => planned.check?.kind === "write";

/** Writing patterns need a scratch table, which on AWS somebody must have asked for. */
function refuseUnaskedScratch(options: VerifyOptions, writers: readonly WritablePattern[]): void {
  const { target, readOnly = false, scratch = false, growth = false } = options;
  if (target.kind !== "aws" || scratch) return;
  if (growth) throw new ScratchNotAllowedError(["patterns whose growth is measured"]);
  if (writers.length > 0 && !readOnly) {
    throw new ScratchNotAllowedError(writers.map(({ pattern }) => pattern.id));
  }
}

/** Holds what was measured against the lock, where that is of the same source; only who passed is dear. */
function compareWithLock(run: Run): VerifyReport["lock"] {
  const { lock, locked, results } = run;
  if (!lock) return "none";
  if (lock.source.sha256 !== locked.sha256) return "otherSource";
  for (const [id, result] of results) {
    const difference = result.status === "pass" ? lockDifference(result, lock) : undefined;
    if (difference) setStatus(run, id, { status: "overBudget", lines: [difference] });
  }
  return "compared";
}

/** Whether the reading patterns are judged on a table of the run's own too; who lends a table wants to be quick. */
const wantsEdges = ({
  edges = true,
  readOnly = false,
  scratchTable,
  scratch = false,
  target,
}: VerifyOptions) => edges && !readOnly && scratchTable === undefined && (target.kind === "local" || scratch);

/** So many reading patterns are judged side by side: each through a client of its own. */
const PATTERNS_AT_ONCE = 4;

/** Whether a run looks at the whole table. */
export const wantsInvariants = ({ invariants, target, selected = [] }: InvariantChoice): boolean =>
  invariants ?? (target.kind === "local" && selected.length === 0);

/** Whether a run may scan the table to find out why an answer is wrong: where it costs nothing, or was asked for. */
const mayScan = ({ invariants, target }: InvariantChoice) => invariants ?? target.kind === "local";

/** What decides it. */
type InvariantChoice = Pick<VerifyOptions, "invariants" | "target" | "selected">;

async function startRun(options: VerifyOptions, patterns: readonly PlannedPattern[]): Promise<Run> {
  const read = await readItems(options);
  const run: Run = {
    ...options,
    seed: options.seed ?? drawSeed(),
    ...read,
    locked: lockedSource(options.source.name, read.items),
    limits: {
      timeoutMs: options.timeoutMs ?? 60_000,
      indexDeadlineMs: options.indexDeadlineMs ?? 3_000,
    },
    usedEntities: new Set(),
    results: new Map(patterns.map((planned) => [planned.pattern.id, blankResult(planned)])),
  };
  for (const { pattern, problem } of patterns) {
    if (problem) record(run, pattern.id, { ...NOTHING_JUDGED, verdict: fail(problem) });
  }
  return run;
}

/** Judges the reading patterns on the table itself, and the cursors of those that are paged. */
async function judgeReaders(run: Run, readers: readonly ReadablePattern[]): Promise<void> {
  const limit = pLimit(PATTERNS_AT_ONCE);
  await allDone(readers.map((readable) => limit(() => judgeReading(run, readable))));
  if (mayScan(run)) await excuseIndexesBehind(run);
  await judgeCursors(run, readers);
}

/**
 * Runs every access pattern of a model and judges it by its oracle: reading patterns on the table, through a
 * client that cannot write; writing patterns on a scratch table, which is deleted on every way out. Every
 * pattern starts as "not run" and passes only when its check has found nothing wrong and could have.
 * @throws {TableNotFoundError} {@link EmptySourceError} {@link UnreadableSourceError}
 *   {@link ScratchNotAllowedError} {@link NoPatternsError} {@link UnknownPatternError}; the signal's reason
 *   when it is aborted. What goes wrong with a single pattern is in the report.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const { table, source, readOnly = false, redact = false } = options;
  const startedAt = new Date();
  const plan = planVerify(options.querySet, options.oracles, options.selected);
  const writers = plan.patterns.filter(isWritable);
  refuseUnaskedScratch(options, writers);
  await requireTable(options);
  const run = await startRun(options, plan.patterns);

  const readers = plan.patterns.filter(isReadable);
  const allReaders = planVerify(options.querySet, options.oracles).patterns.filter(isReadable);
  await judgeReaders(run, readers);
  // Each has a table of its own, or only reads, and waits for the engine most of the time.
  const [, edges, invariants] = await allDone([
    writers.length > 0 && !readOnly ? judgeOnScratch(run, writers, allReaders) : undefined,
    wantsEdges(options) && readers.length > 0 ? judgeEdges(run, readers) : undefined,
    wantsInvariants(options) ? judgeInvariants(run) : [],
  ]);
  const modelResults = [
    ...invariants,
    ...(await judgeCoverage(run, plan)),
    ...(options.growth ? await judgeGrowth(run, plan.patterns) : []),
  ];
  const tested = { readers, writers: readOnly ? [] : writers, allReaders };
  const selfTested = options.selfTest ? { selfTest: await selfTest(run, tested) } : {};
  const lock = compareWithLock(run);
  const bench = options.bench && (await benchPatterns(run, plan.patterns.filter(isReadable), options.bench));
  const facts: ReportFacts = {
    model: options.querySet.model,
    table,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    redacted: redact,
    seed: run.seed,
    source: source.name,
    sourceSha256: run.locked.sha256,
    lock,
    readOnly,
    notSelected: [...plan.notSelected],
    ...(edges && { edges }),
    ...selfTested,
    modelResults,
    ...(bench && { bench }),
  };
  return summarize(facts, [...run.results.values()]);
}
