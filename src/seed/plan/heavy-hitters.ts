/** A key that took much of the whole. */
export interface HeavyHitter {
  readonly key: string;
  /** At least so much; at most {@link HeavyHitters.error} more. */
  readonly weight: number;
  /** Times that it was counted; at least. */
  readonly count: number;
}

interface Counter {
  weight: number;
  count: number;
}

/**
 * Finds the keys that take the most of a stream, in memory that does not grow with it (Misra and Gries, 1982, with
 * weights): it counts up to twice `size` keys, and when there are more it takes from all what the key in the
 * middle has, and forgets those that have nothing left. What it takes so it takes from at least `size` keys, so
 * no key is short of more than the whole divided by `size`; with few keys it is exact.
 */
export class HeavyHitters {
  readonly #size: number;
  readonly #counters = new Map<string, Counter>();
  #error = 0;

  /** @param size keys that are kept for certain */
  constructor(size: number) {
    this.#size = size;
  }

  /** What any key may be short of, at most; 0: all weights are exact. */
  get error(): number {
    return this.#error;
  }

  /** Counts a key once. @param weight above 0 */
  add(key: string, weight: number): void {
    const known = this.#counters.get(key);
    if (known) {
      known.weight += weight;
      known.count += 1;
      return;
    }
    this.#counters.set(key, { weight, count: 1 });
    if (this.#counters.size > this.#size * 2) this.#forget();
  }

  /** The heaviest keys, the heaviest first. */
  top(most: number): HeavyHitter[] {
    return [...this.#counters]
      .map(([key, counter]) => ({ key, ...counter }))
      .sort((a, b) => b.weight - a.weight)
      .slice(0, most);
  }

  #forget(): void {
    const weights = [...this.#counters.values()].map(({ weight }) => weight).sort((a, b) => b - a);
    const taken = weights[this.#size] ?? 0;
    this.#error += taken;
    for (const [key, counter] of this.#counters) {
      counter.weight -= taken;
      if (counter.weight <= 0) this.#counters.delete(key);
    }
  }
}
