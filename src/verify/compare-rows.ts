import { isDeepStrictEqual } from "node:util";
import { canonicalText, withoutUndefined } from "./plain-value.ts";

/** A row of the answer that is not the row it should be, by position in an ordered comparison. */
export interface RowPair {
  readonly position: number;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** How an answer differs from the right one. */
export interface RowsDifference {
  readonly expectedCount: number;
  readonly actualCount: number;
  /** Rows that should be there and are not. */
  readonly missing: readonly unknown[];
  /** Rows that are there and should not be. */
  readonly extra: readonly unknown[];
  /** The first row out of place, where the same rows came in another order. */
  readonly outOfOrder?: RowPair;
  /** Of how many rows the expected ones could be any; absent where they are certain ones. */
  readonly candidates?: number;
}

/** Takes equal rows out of both lists; what stays is missing or extra. */
function unmatched(expected: readonly unknown[], actual: readonly unknown[]) {
  const waiting = new Map<string, unknown[]>();
  for (const row of actual) {
    const text = canonicalText(row);
    const same = waiting.get(text);
    if (same) same.push(row);
    else waiting.set(text, [row]);
  }
  const missing = expected.filter((row) => {
    const candidates = waiting.get(canonicalText(row)) ?? [];
    const found = candidates.findIndex((candidate) => isDeepStrictEqual(candidate, row));
    if (found >= 0) candidates.splice(found, 1);
    return found < 0;
  });
  return { missing, extra: [...waiting.values()].flat() };
}

/**
 * Compares the rows of an answer with the right ones; attributes that are undefined count as absent.
 * @returns undefined where they are equal.
 */
export function compareRows(
  expectedRows: readonly unknown[],
  actualRows: readonly unknown[],
  compare: "ordered" | "bag",
): RowsDifference | undefined {
  const expected = expectedRows.map(withoutUndefined);
  const actual = actualRows.map(withoutUndefined);
  if (compare === "ordered" && isDeepStrictEqual(expected, actual)) return undefined;
  const { missing, extra } = unmatched(expected, actual);
  const counts = { expectedCount: expected.length, actualCount: actual.length, missing, extra };
  if (missing.length > 0 || extra.length > 0) return counts;
  if (compare === "bag") return undefined;
  const position = expected.findIndex((row, index) => !isDeepStrictEqual(row, actual[index]));
  return { ...counts, outOfOrder: { position, expected: expected[position], actual: actual[position] } };
}

/**
 * Compares the rows of an answer with those that it may consist of.
 * @param count how many of them it must have, each at most once
 * @returns undefined where it has.
 */
export function compareSubset(
  candidates: readonly unknown[],
  actualRows: readonly unknown[],
  count: number,
): RowsDifference | undefined {
  const actual = actualRows.map(withoutUndefined);
  const { extra } = unmatched(candidates.map(withoutUndefined), actual);
  if (extra.length === 0 && actual.length === count) return undefined;
  const counts = { expectedCount: count, actualCount: actual.length, candidates: candidates.length };
  return { ...counts, missing: [], extra };
}
