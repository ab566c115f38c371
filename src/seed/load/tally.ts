import { SumError } from "../errors.ts";
import type { Fate, LoadCounts } from "./load-counts.ts";

/** Counts the items read and, on their own, the fates they came to, so that an item that gets lost shows. */
export class Tally {
  #read = 0;
  readonly #fates: Record<Fate, number> = {
    written: 0,
    identical: 0,
    rejected: 0,
    superseded: 0,
    unwritten: 0,
    unknown: 0,
  };

  read(items = 1): void {
    this.#read += items;
  }

  settle(fate: Fate, items = 1): void {
    this.#fates[fate] += items;
  }

  /** The counts so far, whether or not they add up yet. */
  counts(): LoadCounts {
    return { read: this.#read, ...this.#fates };
  }

  /**
   * The counts at the end.
   * @throws {SumError} when they do not add up.
   */
  sum(): LoadCounts {
    const counts = this.counts();
    const { read, written, identical, rejected, superseded, unwritten, unknown } = counts;
    if (read !== written + identical + rejected + superseded + unwritten + unknown)
      throw new SumError(counts);
    return counts;
  }
}
