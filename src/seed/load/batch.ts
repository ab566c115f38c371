import { MAX_BATCH_WRITE_BYTES, MAX_BATCH_WRITE_ITEMS } from "../../dynamo/limits.ts";
import type { SeedItem } from "../file/records.ts";
import type { PendingItem } from "./pending-item.ts";

/** Below this size an item can never be too long on the wire: JSON takes at most 14 times the stored bytes. */
const SURELY_SHORT_BYTES = 32 * 1024;
const MOST_JSON_PER_BYTE = 14;
/** Room for the request around the items: table name, `PutRequest`, quotes. */
const REQUEST_OVERHEAD_BYTES = 4 * 1024;
const ITEM_OVERHEAD_BYTES = 64;

/**
 * An upper bound of an item's bytes in a request, exact where it matters. The limit of 16 MB is one of
 * the request as sent, and JSON spells a stored byte with up to 14: `[null]` is `{"L":[{"NULL":true}]}`.
 */
export function wireBytes({ item, bytes }: SeedItem): number {
  const content =
    bytes <= SURELY_SHORT_BYTES ? bytes * MOST_JSON_PER_BYTE : Buffer.byteLength(JSON.stringify(item));
  return content + ITEM_OVERHEAD_BYTES;
}

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
