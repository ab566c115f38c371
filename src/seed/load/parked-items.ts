import { MAX_BATCH_WRITE_ITEMS } from "../../dynamo/limits.ts";
import type { HotKeyTurn } from "../../dynamo/pace/pacer.ts";
import { Batch } from "./batch.ts";
import type { PendingItem } from "./pending-item.ts";

/** Tells when items of a partition may go; undefined where it is not known as hot. */
export type HotKeyTurns = (partition: string) => HotKeyTurn | undefined;

/**
 * Items of partitions that are known as hot, a queue for each: they wait for their own key, and hold up nobody
 * else's items. A key's items are in one request at a time, which has no others, so that what comes back of it is
 * told of that key.
 */
export class ParkedItems {
  readonly #turnOf: HotKeyTurns;
  readonly #batchItems: number;
  readonly #queues = new Map<string, PendingItem[]>();
  /** The partitions with a request under way. */
  readonly #underway = new Set<string>();
  #size = 0;

  /** @param batchItems the most that a request takes */
  constructor(turnOf: HotKeyTurns = () => undefined, batchItems = MAX_BATCH_WRITE_ITEMS) {
    this.#turnOf = turnOf;
    this.#batchItems = batchItems;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether a partition is known as hot, or has items waiting for it. */
  isHot(partition: string): boolean {
    return this.#queues.has(partition) || this.#turnOf(partition) !== undefined;
  }

  /** Keeps an item whose partition is hot; returns false where it is not. */
  park(item: PendingItem): boolean {
    const { partition } = item.seed;
    if (!this.isHot(partition)) return false;
    const queue = this.#queues.get(partition);
    if (queue) queue.push(item);
    else this.#queues.set(partition, [item]);
    this.#size += 1;
    return true;
  }

  /** The next batch of one key's items, as many as the key takes now. {@link done} ends it. */
  take(): Batch | undefined {
    for (const [partition, queue] of this.#queues) {
      const turn = this.#nextTurn(partition);
      if (!turn || turn.waitMs > 0) continue;
      const batch = new Batch(Math.min(queue.length, turn.items, this.#batchItems));
      while (queue[0] && batch.add(queue[0])) queue.shift();
      this.#size -= batch.items.length;
      this.#underway.add(partition);
      // The others come before it is its turn again.
      this.#queues.delete(partition);
      if (queue.length > 0) this.#queues.set(partition, queue);
      return batch;
    }
    return undefined;
  }

  /** The request with these items was answered. */
  done([item]: readonly PendingItem[]): void {
    if (item) this.#underway.delete(item.seed.partition);
  }

  /** Milliseconds until the first batch may go, as far as time decides; undefined where it does not. */
  untilDue(): number | undefined {
    const waits = [...this.#queues.keys()].flatMap((partition) => this.#nextTurn(partition)?.waitMs ?? []);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  /** Takes all that is left. */
  drain(): PendingItem[] {
    const rest = [...this.#queues.values()].flat();
    this.#queues.clear();
    this.#size = 0;
    return rest;
  }

  #nextTurn(partition: string): HotKeyTurn | undefined {
    if (this.#underway.has(partition)) return undefined;
    // What is not hot any more goes at once.
    return this.#turnOf(partition) ?? { waitMs: 0, items: Number.POSITIVE_INFINITY };
  }
}
