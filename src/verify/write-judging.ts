import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { StoredItem } from "../dynamo/scan.ts";
import type { AnyAccessPattern } from "../query/access-pattern.ts";
import type { OracleSet, PlainItem, Random, WriteCheck } from "../query/oracle.ts";
import { compareRows } from "./compare-rows.ts";
import { failDifferent } from "./judge-answer.ts";
import type { Probe } from "./probe.ts";
import type { ReadablePattern } from "./read-answer.ts";
import type { ScratchTable } from "./scratch-table.ts";
import { named, PASS, type Verdict } from "./verdict.ts";

/** A writing pattern, its check, and the scratch table to run it on. */
export interface WriteJudging {
  readonly pattern: AnyAccessPattern;
  readonly check: WriteCheck<unknown>;
  readonly oracles: OracleSet;
  readonly random: Random;
  readonly scratch: ScratchTable;
  /** The scratch items of the model, which each check changes to its needs. */
  readonly scratchItems: readonly PlainItem[];
  /** What the scratch table starts with for the cases. */
  readonly items: readonly StoredItem[];
  /** Whether many writes are sent at once, where the check says how. */
  readonly contention: boolean;
  /** The reading patterns that may be asked what was written. */
  readonly readers: readonly ReadablePattern[];
  readonly probe: Probe;
  readonly timeoutMs: number;
  readonly indexDeadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The source that a scratch table's items make. */
export const sourceOf = (oracles: OracleSet, items: readonly StoredItem[]) =>
  oracles.parseSource(items.map((item) => unmarshall(item)));

/** Judges what the whole table holds after a write against the records it must hold. */
export function judgeTable(oracles: OracleSet, after: readonly StoredItem[], expected: unknown): Verdict {
  const found = sourceOf(oracles, after);
  const difference = compareRows(oracles.records(expected), oracles.records(found), "bag");
  return difference ? named("the table afterwards", failDifferent(difference)) : PASS;
}
