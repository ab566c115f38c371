import { marshall } from "@aws-sdk/util-dynamodb";
import type { StoredItem } from "../dynamo/scan.ts";
import type { PlainItem, WriteCheck } from "../query/oracle.ts";
import { judgeRead } from "./judge-read.ts";
import { judgeWrite } from "./judge-write.ts";
import { NOTHING_JUDGED } from "./judged.ts";
import { openProbe } from "./probe.ts";
import { createRandom } from "./random.ts";
import type { ReadablePattern } from "./read-answer.ts";
import { type ScratchTable, scratchTable, withScratchTable } from "./scratch-table.ts";
import { judgeWithProbe, problemOf, type Run, record } from "./verify-run.ts";

/** Judges a reading pattern on the table itself, through a client that cannot write. */
export function judgeReading(run: Run, { pattern, check }: ReadablePattern): Promise<void> {
  return judgeWithProbe(run, pattern.id, true, (probe) =>
    judgeRead({
      pattern,
      check,
      source: run.parsed,
      random: createRandom(run.seed, pattern.id),
      inputCount: run.inputCount ?? 5,
      table: run.table,
      isAws: run.target.kind === "aws",
      probe,
      signal: run.signal,
      ...run.limits,
    }),
  );
}

const toStored = (item: PlainItem): StoredItem => marshall(item, { removeUndefinedValues: true });

/** A writing pattern and its check. */
export type WritablePattern = { pattern: ReadablePattern["pattern"]; check: WriteCheck<unknown> };

/** The patterns that may be asked what a write left: one that has failed is no witness. */
function witnesses(run: Run, readers: readonly ReadablePattern[]): ReadablePattern[] {
  return readers.filter(({ pattern }) => {
    const status = run.results.get(pattern.id)?.status ?? "pass";
    return status === "pass" || status === "overBudget";
  });
}

async function judgeWriting(
  run: Run,
  writers: readonly WritablePattern[],
  readers: readonly ReadablePattern[],
  scratch: ScratchTable,
  items: readonly PlainItem[],
): Promise<void> {
  for (const { pattern, check } of writers) {
    await judgeWithProbe(run, pattern.id, false, (probe) =>
      judgeWrite({
        pattern,
        check,
        oracles: run.oracles,
        random: createRandom(run.seed, pattern.id),
        scratch,
        scratchItems: items,
        contention: run.contention ?? true,
        items: (check.prepare?.(items) ?? items).map(toStored),
        readers: witnesses(run, readers),
        probe,
        signal: run.signal,
        ...run.limits,
      }),
    );
  }
}

/** Judges the writing patterns on a scratch table; where there can be none, all of them share its problem. */
export async function judgeOnScratch(
  run: Run,
  writers: readonly WritablePattern[],
  readers: readonly ReadablePattern[],
): Promise<void> {
  const { client, close } = openProbe(run.target, { maxAttempts: run.maxAttempts });
  try {
    const items = run.oracles.scratchItems(run.items, createRandom(run.seed, "scratch"));
    const judge = (scratch: ScratchTable) => judgeWriting(run, writers, readers, scratch, items);
    const options = { ...run, client };
    if (run.scratchTable === undefined) await withScratchTable(options, judge);
    else await judge(scratchTable(run.scratchTable, options));
  } catch (error) {
    run.signal?.throwIfAborted();
    const problem = problemOf(error);
    const verdict = { ...problem, lines: ["the scratch table could not be used", ...problem.lines] };
    const waiting = writers.filter(({ pattern }) => run.results.get(pattern.id)?.status === "notRun");
    for (const { pattern } of waiting) record(run, pattern.id, { ...NOTHING_JUDGED, verdict });
  } finally {
    close();
  }
}
