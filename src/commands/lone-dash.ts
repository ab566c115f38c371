/** Stands for a `-` while yargs parses: no command line can hold it. */
const HELD = "\0-";

/**
 * Words of a command line in which yargs keeps a `-` that stands alone: it drops one that is a positional
 * argument (yargs/yargs#1312, yargs/yargs-parser#381). {@link restoreLoneDash} undoes it.
 */
export function holdLoneDash(words: readonly string[]): string[] {
  return words.map((word) => (word === "-" ? HELD : word));
}

/** Parsed options with `-` as it was written. */
export function restoreLoneDash<Options extends object>(options: Options): Options {
  const restored = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(restored);
    return value === HELD ? "-" : value;
  };
  const entries = Object.entries(options).map(([name, value]) => [name, restored(value)]);
  return Object.fromEntries(entries) as Options;
}
