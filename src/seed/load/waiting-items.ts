import type { PendingItem } from "./pending-item.ts";

/** Turns that are over are forgotten when there are so many. */
const MOST_PAST_TURNS = 1_024;

/**
 * New items that were read and not sent yet, by partition. A file is often sorted: taken as it stands, each
 * batch and all batches in flight would go to one partition, which takes 1,000 write units a second
 * (bp-partition-key-design), while the others idle. So the next item is always one of the partition that has
 * waited longest.
 */
export class WaitingItems {
  readonly #queues = new Map<string, PendingItem[]>();
  /** The partitions whose turn it is, one after the other: one whose item was taken goes to the end. */
  #turns: string[] = [];
  #next = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: PendingItem): void {
    const { partition } = item.seed;
    const queue = this.#queues.get(partition);
    if (queue) queue.push(item);
    else {
      this.#queues.set(partition, [item]);
      this.#turns.push(partition);
    }
    this.#size += 1;
  }

  /** Takes the next item that `accept` takes, if any; looks no further than the first that is offered. */
  take(accept: (item: PendingItem) => boolean): PendingItem | undefined {
    const partition = this.#turns[this.#next];
    if (partition === undefined) return undefined;
    const queue = this.#queues.get(partition) as PendingItem[];
    const [item] = queue;
    if (!item || !accept(item)) return undefined;
    queue.shift();
    this.#size -= 1;
    this.#next += 1;
    if (queue.length > 0) this.#turns.push(partition);
    else this.#queues.delete(partition);
    if (this.#next === MOST_PAST_TURNS) {
      this.#turns = this.#turns.slice(this.#next);
      this.#next = 0;
    }
    return item;
  }

  /** Takes all that is left. */
  drain(): PendingItem[] {
    const rest = [...this.#queues.values()].flat();
    this.#queues.clear();
    this.#turns = [];
    this.#next = 0;
    this.#size = 0;
    return rest;
  }
}
