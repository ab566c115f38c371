import type { StoredItem } from "../../dynamo/scan.ts";
import type { SegmentRecord } from "../../ledger/index.ts";
import type { Progress } from "../progress.ts";
import { showKey } from "../steps/step-context.ts";

/** Keys kept for messages. */
const NAMED = 10;

/** What became of the items that were handed on together. */
export class Batch {
  readonly #progress: Pick<Progress, "add"> | undefined;
  readonly counts: Record<string, number> = {};
  readonly #named: string[] = [];
  #found = 0;
  #left = 0;
  #setAside = 0;

  #written = 0;

  /** @param progress hears of what is written as it is */
  constructor(progress?: Pick<Progress, "add">) {
    this.#progress = progress;
  }

  /** Counts something that was done. */
  add(name: string, amount = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + amount;
  }

  /** Counts items that were written. */
  write(name: string, amount = 1): void {
    this.add(name, amount);
    this.#written += amount;
    this.#progress?.add({ written: amount });
  }

  /** Counts a change that met another one. */
  conflict(): void {
    this.add("conflicts");
    this.#progress?.add({ conflicts: 1 });
  }

  /** All `items` of the batch are dealt with: those that were not written were not to be. */
  end(items: number): void {
    this.#progress?.add({ skipped: Math.max(0, items - this.#written) });
  }

  /** Counts an item that needed the step, whatever becomes of it. */
  find(): void {
    this.#found += 1;
  }

  /** Counts an item that was found and is left as it is, for a good reason. */
  leave(key: StoredItem): void {
    this.#left += 1;
    if (this.#named.length < NAMED) this.#named.push(showKey(key));
  }

  /** Counts an item that needed the step and is set aside. */
  setAside(): void {
    this.#setAside += 1;
  }

  /** Items that are left as they are. */
  get left(): number {
    return this.#left;
  }

  /** The keys of the first of these. */
  get named(): readonly string[] {
    return this.#named;
  }

  /** Whether any item was set aside. */
  get hasSetAside(): boolean {
    return this.#setAside > 0;
  }

  /** The segment with what was done added to it: that stands, also where the batch was cut short. */
  addDone(segment: SegmentRecord): SegmentRecord {
    return { ...segment, counts: addCounts(segment.counts, this.counts) };
  }

  /** The segment with what was found added to it: only a batch that was dealt with to its end says that. */
  addFound(segment: SegmentRecord): SegmentRecord {
    return {
      ...segment,
      found: segment.found + this.#found,
      left: segment.left + this.#left,
      setAside: segment.setAside + this.#setAside,
      named: [...segment.named, ...this.#named].slice(0, NAMED),
    };
  }
}

/** The sums of two counts, by name. */
export function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sums = { ...a };
  for (const [name, count] of Object.entries(b)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

/** The first few of several lists of keys. */
export const firstNamed = (lists: readonly (readonly string[])[]) => lists.flat().slice(0, NAMED);
