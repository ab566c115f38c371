import { SumError } from "../errors.ts";

/** What became of the items of a load: `read` is the sum of the others. */
export interface LoadCounts {
  /** Items in the file, defective lines included. */
  readonly read: number;
  readonly written: number;
  /** Already in the table, equal. */
  readonly identical: number;
  /** Refused by DynamoDB, or not items at all: in the rejects file. */
  readonly rejected: number;
  /** Left out in favour of another item of the file with the same key. */
  readonly superseded: number;
  /** Not sent, or sent and certainly not carried out, when the load stopped. */
  readonly unwritten: number;
  /** Sent, but the answer was lost and it could not be sent again. */
  readonly unknown: number;
}

/** An item's end: every item that is read comes to exactly one. */
export type Fate = Exclude<keyof LoadCounts, "read">;

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
