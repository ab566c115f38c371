import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { drawingOf, readingOf, type WritablePattern, witnesses, writingOf } from "../judge-patterns.ts";
import { questionsOf } from "../judge-read.ts";
import { openProbe, type Probe } from "../probe.ts";
import { createRandom } from "../random.ts";
import type { ReadablePattern } from "../read-answer.ts";
import { type ScratchTable, withScratchTable } from "../scratch-table.ts";
import { maskedLines, type Problem } from "../verdict.ts";
import { problemOf, type Run } from "../verify-run.ts";
import { whyAbsent } from "./absent-kinds.ts";
import type { NotTested, SelfTestReport } from "./self-test-report.ts";
import { Tally } from "./tally.ts";
import { testReading } from "./test-reading.ts";
import { testWriting } from "./test-writing.ts";

/** The patterns whose checks are tested. */
export interface TestedPatterns {
  readonly readers: readonly ReadablePattern[];
  readonly writers: readonly WritablePattern[];
  /** Every reading pattern that may be asked what a write left. */
  readonly allReaders: readonly ReadablePattern[];
}

const SOUND: readonly (string | undefined)[] = ["pass", "overBudget"];

/** A pattern that has not passed shows nothing of its check. */
function notPassed(run: Run, pattern: string): NotTested | undefined {
  const status = run.results.get(pattern)?.status;
  if (status === undefined || status === "pass" || status === "overBudget") return undefined;
  return { pattern, status, reason: "it has not passed itself" };
}

const notSound = (run: Run, pattern: string, problem: Problem): NotTested => ({
  pattern,
  status: problem.status === "indeterminate" ? "indeterminate" : "fail",
  reason: (run.redact ? maskedLines(problem) : problem.lines).join("; "),
});

/** Tests one pattern's check through a client of its own; what goes wrong on the way leaves it untested. */
async function testPattern(
  run: Run,
  id: string,
  readOnly: boolean,
  tally: Tally,
  test: (probe: Probe) => Promise<Problem | undefined>,
): Promise<void> {
  const unfit = notPassed(run, id);
  if (unfit) return tally.notTested(unfit);
  const probe = openProbe(run.target, { readOnly, maxAttempts: run.maxAttempts });
  try {
    const problem = await test(probe);
    if (problem) tally.notTested(notSound(run, id, problem));
  } catch (error) {
    run.signal?.throwIfAborted();
    tally.notTested(notSound(run, id, problemOf(error)));
  } finally {
    probe.close();
  }
}

async function testWriters(
  run: Run,
  { writers, allReaders }: TestedPatterns,
  scratch: ScratchTable,
  client: DynamoDBClient,
  tally: Tally,
): Promise<void> {
  const items = run.oracles.scratchItems(run.items, createRandom(run.seed, "scratch"));
  // A local engine's indexes are never behind, and a mutant that is wrong stays wrong.
  const limits = run.target.kind === "local" ? { ...run.limits, indexDeadlineMs: 0 } : run.limits;
  for (const writable of writers) {
    const { id } = writable.pattern;
    await testPattern(run, id, false, tally, (probe) => {
      const judging = writingOf(run, writable, witnesses(run, allReaders), scratch, items, probe);
      const drawRandom = () => createRandom(run.seed, id);
      // Many at once take long, and show what one after the other does not: mistakes are made in single writes.
      return testWriting(
        { ...judging, ...limits, contention: false, drawRandom, design: run.design, client },
        tally,
      );
    });
  }
}

/** Tests the checks of writing patterns on a scratch table; where there can be none, all of them share its problem. */
async function testOnScratch(run: Run, patterns: TestedPatterns, tally: Tally): Promise<void> {
  const { client, close } = openProbe(run.target, { maxAttempts: run.maxAttempts });
  try {
    await withScratchTable({ ...run, client }, (scratch) =>
      testWriters(run, patterns, scratch, client, tally),
    );
  } catch (error) {
    run.signal?.throwIfAborted();
    for (const { pattern } of patterns.writers) tally.notTested(notSound(run, pattern.id, problemOf(error)));
  } finally {
    close();
  }
}

/** The questions of a pattern's check; none where the check throws, which it has been failed for. */
function questionsFor(run: Run, readable: ReadablePattern) {
  if (!SOUND.includes(run.results.get(readable.pattern.id)?.status)) return [];
  return questionsOf(drawingOf(run, readable));
}

/**
 * Shows that the checks of a model can fail: makes mistakes between its patterns and DynamoDB, and counts those that
 * turn their pattern red. Reading patterns are tested on the table itself, through a client that cannot write; writing
 * ones on a scratch table.
 * @throws the signal's reason when it is aborted.
 */
export async function selfTest(run: Run, patterns: TestedPatterns): Promise<SelfTestReport> {
  const startedAt = performance.now();
  const tally = new Tally();
  for (const readable of patterns.readers) {
    await testPattern(run, readable.pattern.id, true, tally, (probe) =>
      testReading(readingOf(run, readable, probe), run.design, run.redact ?? false, tally),
    );
  }
  if (patterns.writers.length > 0) await testOnScratch(run, patterns, tally);
  const model = {
    design: run.design,
    readers: patterns.readers.map((readable) => ({
      pattern: readable.pattern,
      questions: questionsFor(run, readable),
    })),
    writers: patterns.writers.map(({ pattern }) => pattern),
    seen: tally.seen,
  };
  return tally.report((kind) => whyAbsent(kind, model), (performance.now() - startedAt) / 1000);
}
