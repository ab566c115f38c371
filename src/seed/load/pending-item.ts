import type { SeedItem } from "../file/records.ts";

/** An item that is on its way into the table. */
export interface PendingItem {
  readonly seed: SeedItem;
  /** Its number in the source, from 1. */
  readonly ordinal: number;
  /** How often it has been sent in vain. */
  attempts: number;
  /** How often in a row nothing of its batch was written: its waits grow with that. */
  refusals: number;
  /** An answer was lost: it may be in the table already. */
  uncertain: boolean;
}

/** Items that came back, each with the time from which it may be sent again. */
export class Leftovers {
  #waiting: { item: PendingItem; dueAt: number }[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** @param dueAt by the clock of `performance.now()`, in milliseconds */
  add(item: PendingItem, dueAt: number): void {
    this.#waiting.push({ item, dueAt });
  }

  /** Milliseconds until the first item is due, 0 where one is, undefined where there is none. */
  untilDue(now: number): number | undefined {
    if (this.#waiting.length === 0) return undefined;
    return Math.max(0, Math.min(...this.#waiting.map(({ dueAt }) => dueAt)) - now);
  }

  /** Takes the due items that `accept` takes, in the order in which they came back. */
  takeDue(now: number, accept: (item: PendingItem) => boolean): void {
    this.#waiting = this.#waiting.filter(({ item, dueAt }) => dueAt > now || !accept(item));
  }

  /** Takes the due item that has been sent in vain most often, where that is at least so often. */
  takeMostSent(now: number, leastAttempts: number): PendingItem | undefined {
    const due = this.#waiting.filter(({ item, dueAt }) => dueAt <= now && item.attempts >= leastAttempts);
    const most = due.reduce<PendingItem | undefined>(
      (best, { item }) => (best && best.attempts >= item.attempts ? best : item),
      undefined,
    );
    this.#waiting = this.#waiting.filter(({ item }) => item !== most);
    return most;
  }

  /** Takes all that is left, due or not. */
  drain(): PendingItem[] {
    return this.#waiting.splice(0).map(({ item }) => item);
  }
}
