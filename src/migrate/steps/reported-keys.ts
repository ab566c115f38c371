import type { StoredItem } from "../../dynamo/scan.ts";
import { showKey } from "./step-context.ts";

/** Keys kept for the message. */
const NAMED = 10;

/** Items that a step has to report: all are counted, the first few are named, so that memory stays flat. */
export class ReportedKeys {
  #count = 0;
  readonly #named: string[] = [];

  get count(): number {
    return this.#count;
  }

  /** @param key the item's primary key */
  add(key: StoredItem): void {
    this.#count += 1;
    if (this.#named.length < NAMED) this.#named.push(showKey(key));
  }

  /** The named keys, and how many more there are: `USER#a / #METADATA#a and 5 more`. */
  toString(): string {
    const more = this.#count - this.#named.length;
    return `${this.#named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  }
}
