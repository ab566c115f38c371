import { canonicalValue } from "../../dynamo/canonical-item.ts";
import type { PendingItem } from "./pending-item.ts";

/**
 * New items that were read and not sent yet, by partition. A file is often sorted: taken as it stands, each
 * batch and all batches in flight would go to one partition, which takes 1,000 write units a second
 * (bp-partition-key-design), while the others idle. So the next item is always one of the partition that has
 * waited longest.
 */
export class WaitingItems {
  readonly #partitionKey: string | undefined;
  /** In the order of their turns: a partition whose item was taken goes to the end. */
  readonly #partitions = new Map<string, PendingItem[]>();
  #size = 0;

  /** @param partitionKey the attribute's name; without it items stay in their order */
  constructor(partitionKey: string | undefined) {
    this.#partitionKey = partitionKey;
  }

  get size(): number {
    return this.#size;
  }

  add(item: PendingItem): void {
    const partition = this.#partitionOf(item);
    const queue = this.#partitions.get(partition);
    if (queue) queue.push(item);
    else this.#partitions.set(partition, [item]);
    this.#size += 1;
  }

  /** Takes the next item that `accept` takes, if any; looks no further than the first that is offered. */
  take(accept: (item: PendingItem) => boolean): PendingItem | undefined {
    const [next] = this.#partitions;
    if (!next) return undefined;
    const [partition, queue] = next;
    const [item] = queue;
    if (!item || !accept(item)) return undefined;
    queue.shift();
    this.#partitions.delete(partition);
    if (queue.length > 0) this.#partitions.set(partition, queue);
    this.#size -= 1;
    return item;
  }

  /** Takes all that is left. */
  drain(): PendingItem[] {
    const rest = [...this.#partitions.values()].flat();
    this.#partitions.clear();
    this.#size = 0;
    return rest;
  }

  #partitionOf({ seed }: PendingItem): string {
    const value = this.#partitionKey === undefined ? undefined : seed.item[this.#partitionKey];
    return value ? canonicalValue(value) : "";
  }
}
