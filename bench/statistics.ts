const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

/** The middle one of several measurements; of an even number, the upper of the two in the middle. */
export const median = (numbers: readonly number[]): number =>
  sorted(numbers)[Math.floor(numbers.length / 2)] ?? 0;

/** A median with the least and the most beside it. */
export function withSpread(numbers: readonly number[], digits: number): string {
  const list = sorted(numbers);
  return `${median(numbers).toFixed(digits)} (${list[0]?.toFixed(digits)} to ${list.at(-1)?.toFixed(digits)})`;
}

/** The list, begun at another place in each round: what slows down over time slows all down alike. */
export function inTurn<T>(list: readonly T[], round: number): T[] {
  const turn = round % list.length;
  return [...list.slice(turn), ...list.slice(0, turn)];
}
