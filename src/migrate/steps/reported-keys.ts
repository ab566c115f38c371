import type { ItemView } from "../../dynamo/item-view.ts";
import type { StoredItem } from "../../dynamo/scan.ts";

/** Keys kept for the message. */
const NAMED = 10;

/** Items that a step has to report: all are counted, the first few are named, so that memory stays flat. */
export class ReportedKeys {
  readonly #show: ItemView;
  #count = 0;
  readonly #named: string[] = [];

  constructor(show: ItemView) {
    this.#show = show;
  }

  get count(): number {
    return this.#count;
  }

  /** @param key the item's primary key */
  add(key: StoredItem): void {
    this.#count += 1;
    if (this.#named.length < NAMED) this.#named.push(this.#show.key(key));
  }

  /** The named keys, and how many more there are: `USER#a / #METADATA#a and 5 more`. */
  toString(): string {
    const more = this.#count - this.#named.length;
    return `${this.#named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  }
}

/**
 * Keys that stand in the ledger as text, and how many more there are.
 * @param count of all
 */
export function namedKeys(count: number, named: readonly string[], show: ItemView): string {
  const more = count > named.length ? ` and ${count - named.length} more` : "";
  return `${show.words(named.join(", "))}${more}`;
}
