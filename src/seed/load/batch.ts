import { MAX_BATCH_WRITE_BYTES, MAX_BATCH_WRITE_ITEMS } from "../../dynamo/limits.ts";
import type { SeedItem } from "../file/records.ts";
import type { PendingItem } from "./pending-item.ts";

/** Room for the request around the items: table name, what is asked for, brackets. */
const REQUEST_OVERHEAD_BYTES = 4 * 1024;
/** What stands around an item in a request, with the comma before it. */
const ITEM_OVERHEAD_BYTES = Buffer.byteLength(',{"PutRequest":{"Item":}}');

/** An item's bytes in a request: the limit of 16 MB is one of the request as sent. */
export const wireBytes = ({ wire }: Pick<SeedItem, "wire">): number => wire.length + ITEM_OVERHEAD_BYTES;

/** A request in the making: up to 25 items and 16 MB. */
export class Batch {
  readonly items: PendingItem[] = [];
  readonly #maxItems: number;
  #bytes = REQUEST_OVERHEAD_BYTES;

  constructor(maxItems = MAX_BATCH_WRITE_ITEMS) {
    this.#maxItems = maxItems;
  }

  get isFull(): boolean {
    return this.items.length >= this.#maxItems;
  }

  /** Takes an item, or returns false where it does not fit. */
  add(item: PendingItem): boolean {
    if (this.isFull) return false;
    const bytes = wireBytes(item.seed);
    if (this.items.length > 0 && this.#bytes + bytes > MAX_BATCH_WRITE_BYTES) return false;
    this.#bytes += bytes;
    this.items.push(item);
    return true;
  }
}
