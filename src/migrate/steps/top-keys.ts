/** A key and how many entries have it. */
export interface TopKey {
  readonly key: string;
  /** At least so many of those seen. */
  readonly entries: number;
}

/** Keys that are kept at once: the memory is bounded, and whatever has more than one in so many is found. */
const KEPT = 1_000;

/**
 * Finds the most frequent keys of a stream in bounded memory (Misra and Gries, "Finding repeated elements",
 * 1982). A count is too low by at most a thousandth of all that was seen, and never too high.
 */
export class TopKeys {
  readonly #counts = new Map<string, number>();

  add(key: string): void {
    const count = this.#counts.get(key);
    if (count !== undefined) this.#counts.set(key, count + 1);
    else if (this.#counts.size < KEPT) this.#counts.set(key, 1);
    else this.#takeOneOfEach();
  }

  #takeOneOfEach(): void {
    for (const [key, count] of this.#counts) {
      if (count === 1) this.#counts.delete(key);
      else this.#counts.set(key, count - 1);
    }
  }

  /** The most frequent ones, most frequent first. */
  list(most: number): TopKey[] {
    const sorted = [...this.#counts].sort(([, a], [, b]) => b - a);
    return sorted.slice(0, most).map(([key, entries]) => ({ key, entries }));
  }
}
