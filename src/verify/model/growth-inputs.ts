import type { Random, ReadCheck, WriteCheck } from "../../query/oracle.ts";

/** What a pattern is given at one size of the data. */
export interface GrowthInput {
  readonly input: object;
  /** Rows of the right answer; undefined for a write. */
  readonly rows?: number;
}

/** What a pattern is given at each size, smallest first. */
export interface GrowthInputs {
  readonly largest: readonly GrowthInput[];
  /** Undefined for a write. */
  readonly still?: GrowthInput;
}

function rowsOf(check: ReadCheck<unknown>, source: unknown, input: object): number {
  const expectation = check.expected(source, input);
  return expectation.kind === "rows" ? expectation.rows.length : 0;
}

/**
 * Chooses the inputs of a reading pattern: at each size the one with the most rows; and one with rows whose answer is
 * the same at every size.
 * @returns what is missing, in words, where there is no such input
 */
export function readInputs(
  check: ReadCheck<unknown>,
  sources: readonly unknown[],
  random: Random,
): GrowthInputs | string {
  const drawn = (source: unknown) => check.inputs(source, random, Number.POSITIVE_INFINITY);
  const largest = sources.map((source) =>
    drawn(source)
      .map(({ input }) => ({ input, rows: rowsOf(check, source, input) }))
      .reduce((most, one) => (one.rows > most.rows ? one : most), { input: {}, rows: 0 }),
  );
  const isStill = ({ input, rows }: GrowthInput) =>
    sources.every((source) => rowsOf(check, source, input) === rows);
  const [still] = drawn(sources[0])
    .map(({ input }) => ({ input, rows: rowsOf(check, sources[0], input) }))
    .filter(({ rows }) => rows > 0)
    .sort((a, b) => b.rows - a.rows)
    .filter(isStill);
  if (!still) return "no answer stays the same while the data grow, so it could not be seen to scan";
  const [before, ...after] = largest.map(({ rows }) => rows);
  // One row is all there can be of a single item.
  if (before !== undefined && before > 1 && after.some((rows, index) => rows <= (largest[index]?.rows ?? 0)))
    return "its largest answer does not grow with the data, so its cost could show nothing";
  return { largest, still };
}

/** Chooses the input of a writing pattern: the first case that is done. */
export function writeInput(
  check: WriteCheck<unknown>,
  source: unknown,
  random: Random,
): GrowthInput | string {
  const found = check
    .cases(source, random)
    .find(({ input }) => check.expected(source, input).kind === "done");
  return found ? { input: found.input } : "its check has no case that is done";
}
