import type { ForeseenTable } from "./foreseen-table.ts";

/** A number in words: as it is where it is known, `about 1,200` where it is reckoned from a sample. */
export function about(count: number, { isExact, isCounted }: Pick<ForeseenTable, "isExact" | "isCounted">) {
  const figure = count.toLocaleString("en-US");
  if (isExact) return figure;
  return isCounted ? `about ${figure}` : `at least ${figure}`;
}
