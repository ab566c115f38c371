import type { Growth } from "../../query/access-pattern.ts";
import type { GrowthFigures } from "../report.ts";

/** How a pattern's cost grew; `table`: with items that its answer does not hold, as that of a scan does. */
export type MeasuredGrowth = Growth | "table";

/** Ten times the data make a cost that grows with them ten times as much; units are rounded up to blocks of 4 KB. */
const GROWS = 3;

const grows = (before: number | undefined, after: number | undefined) =>
  before !== undefined && after !== undefined && after > before * GROWS;

/** Whether a cost has grown from the second largest data to the largest. */
function hasGrown(figures: readonly GrowthFigures[]): boolean {
  const [before, after] = figures.slice(-2);
  return grows(before?.readUnits, after?.readUnits) || grows(before?.requests, after?.requests);
}

/**
 * The class of a pattern's cost. An input whose answer stays the same must cost the same in a larger table. Beyond
 * that, the cost of the largest answer grows with its item collection, or is held by a page, or has nothing to grow with.
 * @param largest of the input with the most rows at each size, smallest first
 * @param still of an input whose answer is the same at each size; empty for a write
 * @param isPaged whether the pattern gives one page unless asked for more
 */
export function classOfGrowth(
  largest: readonly GrowthFigures[],
  still: readonly GrowthFigures[],
  isPaged: boolean,
): MeasuredGrowth {
  const [first, ...others] = still;
  const moved = ({ readUnits, requests }: GrowthFigures) =>
    readUnits !== first?.readUnits || requests !== first?.requests;
  if (others.some(moved)) return "table";
  if (hasGrown(largest)) return "linear";
  return isPaged ? "page" : "constant";
}
