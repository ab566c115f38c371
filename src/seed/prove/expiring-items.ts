import type { Clock } from "../../dynamo/clock.ts";
import { systemClock } from "../../dynamo/clock.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { isExpired } from "../../dynamo/time-to-live.ts";

/** What expires within this time counts as expired: a proof takes a while, and clocks differ. */
const SOON_SECONDS = 600;

/** Items of the file that DynamoDB deletes by itself. */
export interface Expiring {
  /** The table's Time to Live attribute. */
  readonly attribute: string;
  /** Those looked at whose time has passed, or will within ten minutes. */
  readonly items: number;
  /** Those of them that are not in the table: they do not count as missing. */
  readonly gone: number;
}

/** Knows which items of a file have expired, or soon will. */
export class ExpiringItems {
  readonly #attribute: string;
  readonly #clock: Clock;
  #items = 0;
  #gone = 0;

  constructor(attribute: string, clock: Clock = systemClock) {
    this.#attribute = attribute;
    this.#clock = clock;
  }

  has(item: StoredItem): boolean {
    const now = this.#clock.wallTime().getTime() / 1000;
    return isExpired(item, this.#attribute, now + SOON_SECONDS);
  }

  /** Counts an item of the file. */
  count(item: StoredItem): void {
    if (this.has(item)) this.#items += 1;
  }

  noteGone(): void {
    this.#gone += 1;
  }

  report(): Expiring {
    return { attribute: this.#attribute, items: this.#items, gone: this.#gone };
  }
}
