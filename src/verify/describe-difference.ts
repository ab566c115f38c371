import { counted } from "../counted.ts";
import type { RowsDifference } from "./compare-rows.ts";
import { differencesOf, lineOf } from "./plain-value.ts";

/** How much of a difference a report shows. */
const SHOWN_ROWS = 3;
const SHOWN_ATTRIBUTES = 4;
const SHOWN_CHARACTERS = 160;

const shorten = (text: string, length = SHOWN_CHARACTERS) =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;
const rows = (count: number) => counted(count, "row");

/** Shows a value on one line. */
type ShowValue = (value: unknown) => string;

const countLeaves = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? Object.values(value).reduce((sum: number, member) => sum + countLeaves(member), 0)
    : 1;

/** How alike two rows are: the number of values that are equal, at every depth. */
const likeness = (a: unknown, b: unknown) => countLeaves(a) - differencesOf(a, b).length;

/** The extra row that was most likely meant to be the missing one, where any is more like it than not. */
function counterpart(missing: unknown, extra: readonly unknown[]): unknown {
  const scored = extra.map((row) => ({ row, score: likeness(missing, row) }));
  const best = scored.sort((a, b) => b.score - a.score)[0];
  return best && best.score > 0 ? best.row : undefined;
}

/** A row that is missing, one that should not be there, or both where the one was most likely meant to be the other. */
export interface DifferentRows {
  readonly missing?: unknown;
  readonly extra?: unknown;
}

/** Puts each missing row beside the extra one that it most likely became; the extra ones of no other come last. */
export function pairRows(missing: readonly unknown[], extra: readonly unknown[]): DifferentRows[] {
  const left = [...extra];
  const pairs = missing.map((row): DifferentRows => {
    const other = counterpart(row, left);
    if (other === undefined) return { missing: row };
    left.splice(left.indexOf(other), 1);
    return { missing: row, extra: other };
  });
  return [...pairs, ...left.map((row) => ({ extra: row }))];
}

function describeChange(expected: unknown, actual: unknown, show: ShowValue): string[] {
  const differences = differencesOf(expected, actual);
  const lines = differences
    .slice(0, SHOWN_ATTRIBUTES)
    .map(({ path, expected, actual }) => `    ${path}: expected ${show(expected)}, got ${show(actual)}`);
  const hidden = differences.length - lines.length;
  return hidden > 0 ? [...lines, `    and ${hidden} more attributes`] : lines;
}

/**
 * Says how an answer differs from the right one: counts, then the first rows, attribute by attribute.
 * @param line writes a value on one line
 */
export function describeDifference(difference: RowsDifference, line: ShowValue = lineOf): string[] {
  const show = (value: unknown) => shorten(value === undefined ? "nothing" : line(value));
  const { expectedCount, actualCount, missing, outOfOrder, candidates } = difference;
  if (outOfOrder) {
    return [
      `the right ${rows(expectedCount)} in the wrong order, first at row ${outOfOrder.position + 1}`,
      `  expected ${show(outOfOrder.expected)}`,
      `  got      ${show(outOfOrder.actual)}`,
    ];
  }
  const extra = difference.extra;
  const wrong = `${extra.length} that should not be there`;
  const lines = [
    candidates === undefined
      ? `expected ${rows(expectedCount)}, got ${actualCount}: ${missing.length} missing, ${wrong}`
      : `expected any ${expectedCount} of ${rows(candidates)}, got ${actualCount}: ${wrong}`,
  ];
  const pairs = pairRows(missing.slice(0, SHOWN_ROWS), extra);
  for (const pair of pairs.filter((pair) => pair.missing !== undefined)) {
    const { missing: row, extra: other } = pair;
    if (other === undefined) lines.push(`  missing ${show(row)}`);
    else lines.push(`  differs ${show(row)}`, ...describeChange(row, other, show));
  }
  const alone = pairs.filter((pair) => pair.missing === undefined);
  for (const { extra: row } of alone.slice(0, SHOWN_ROWS)) lines.push(`  extra   ${show(row)}`);
  const hidden = Math.max(0, missing.length - SHOWN_ROWS) + Math.max(0, alone.length - SHOWN_ROWS);
  return hidden > 0 ? [...lines, `  and ${hidden} more rows`] : lines;
}
