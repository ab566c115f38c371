import type { Fate } from "./load-counts.ts";
import { Tally } from "./tally.ts";

/** A fate that nothing can change any more: a later run leaves such an item alone. */
export type SettledFate = Exclude<Fate, "unwritten" | "unknown">;

/** How far a load has come. Records are numbered from 1 as they stand in the source. */
export interface LoadPosition {
  /** The last record that was read. */
  readonly read: number;
  /** The records up to there that have not come to their end: to be written, or written again. */
  readonly open: readonly number[];
  /** What became of the others. */
  readonly counts: Readonly<Record<SettledFate, number>>;
}

/** The records that came to their end. */
export const settledCount = ({ read, open }: Pick<LoadPosition, "read" | "open">): number =>
  read - open.length;

/** Numbers the records of a source, and knows which of them an earlier run has left to this one. */
export class Ordinals {
  readonly #readBefore: number;
  readonly #open: Set<number>;
  #met = 0;

  constructor(before?: Pick<LoadPosition, "read" | "open">) {
    this.#readBefore = before?.read ?? 0;
    this.#open = new Set(before?.open);
  }

  /** Takes the next record. @returns its number, or undefined where it is settled */
  next(): number | undefined {
    this.#met += 1;
    if (this.#met <= this.#readBefore) return this.#open.has(this.#met) ? this.#met : undefined;
    this.#open.add(this.#met);
    return this.#met;
  }

  /** A record has come to its end. */
  settle(ordinal: number): void {
    this.#open.delete(ordinal);
  }

  /** The last record that was read, and those up to there that are not settled. */
  position(): Pick<LoadPosition, "read" | "open"> {
    return { read: Math.max(this.#met, this.#readBefore), open: [...this.#open] };
  }
}

/**
 * What became of each record of a load, over all its runs. A record stays open until it is settled by its
 * number, so one that this program loses sight of is written again rather than left out.
 */
export class LoadAccount {
  readonly tally = new Tally();
  readonly #ordinals: Ordinals;

  /** @param before where an earlier run has left the load */
  constructor(before?: LoadPosition) {
    this.#ordinals = new Ordinals(before);
    if (!before) return;
    this.tally.read(settledCount(before));
    for (const [fate, items] of Object.entries(before.counts)) this.tally.settle(fate as Fate, items);
  }

  /** Takes the next record of the source. @returns its number, or undefined where it is settled */
  next(): number | undefined {
    const ordinal = this.#ordinals.next();
    if (ordinal !== undefined) this.tally.read();
    return ordinal;
  }

  /** Records have come to their end. */
  settle(fate: SettledFate, records: readonly { readonly ordinal: number }[]): void {
    this.tally.settle(fate, records.length);
    for (const { ordinal } of records) this.#ordinals.settle(ordinal);
  }

  /** How far the load has come by now. */
  position(): LoadPosition {
    const { written, identical, rejected, superseded } = this.tally.counts();
    return { ...this.#ordinals.position(), counts: { written, identical, rejected, superseded } };
  }
}
