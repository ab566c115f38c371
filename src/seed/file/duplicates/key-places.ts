import { canonicalItem } from "../../../dynamo/canonical-item.ts";
import { HASH_WORDS, writeHash128 } from "../../../dynamo/hash128.ts";
import { type ItemPlace, PlaceNumbers } from "../place-numbers.ts";
import type { SeedItem } from "../records.ts";
import type { DuplicatePolicy } from "./policies.ts";
import { RecordPiles } from "./record-pile.ts";

/** An item that has the key of one before it. */
export interface Duplicate {
  /** Places by their numbers are in the order of the files. */
  readonly number: number;
  readonly place: ItemPlace;
  /** The first item with the key. */
  readonly first: ItemPlace;
}

/** An item that is left out in favour of another with its key. */
export interface LeftOut {
  /** Its number, from 1. */
  readonly ordinal: number;
  readonly bytes: number;
  readonly writeUnits: number;
}

/** What keys that stand there twice come to. Called in no order. */
export interface DuplicateHandlers {
  onDefect(duplicate: Duplicate): Promise<void>;
  onSuperseded(item: LeftOut): void;
}

// More piles make each of them smaller: at a thousand million items one has 100 MB.
const PILES = 256;
const MEMORY_BYTES = 8 * 1024 * 1024;
const ORDINAL = HASH_WORDS;
const PLACE = ORDINAL + 1;
const BYTES = PLACE + 1;
const UNITS = BYTES + 1;
const CONTENT = UNITS + 1;
/** Words of a record, for each policy: what it does not ask for is not kept. */
const WORDS: Record<DuplicatePolicy, number> = {
  error: BYTES,
  first: CONTENT,
  last: CONTENT,
  "identical-ok": CONTENT + HASH_WORDS,
};
const NONE = -1;

/**
 * Knows which keys stand in a file more than once, in bounded memory: it keeps a hash and a place for each
 * item, in piles by hash, and goes through the piles at the end, one after the other.
 */
export class KeyPlaces {
  readonly #policy: DuplicatePolicy;
  readonly #piles: RecordPiles;
  readonly #record: Uint32Array;
  readonly #places = new PlaceNumbers();
  #slots = new Int32Array(0);

  /** @param memoryBytes what may be kept in memory. Default 8 MB: 400,000 items. */
  constructor(policy: DuplicatePolicy, memoryBytes = MEMORY_BYTES) {
    this.#policy = policy;
    const words = WORDS[policy];
    this.#record = new Uint32Array(words);
    this.#piles = new RecordPiles(words, PILES, memoryBytes);
  }

  /** @param ordinal the record's, from 1 */
  add(seed: SeedItem, ordinal: number): void {
    const record = this.#record;
    writeHash128(seed.key, record, 0);
    record[ORDINAL] = ordinal;
    record[PLACE] = this.#places.numberOf(seed);
    if (this.#policy !== "error") {
      record[BYTES] = seed.bytes;
      record[UNITS] = seed.writeUnits;
    }
    if (this.#policy === "identical-ok") writeHash128(canonicalItem(seed.item), record, CONTENT);
    this.#piles.add((record[HASH_WORDS - 1] as number) % PILES, record);
  }

  /** Tells of every item whose key stands there already. To be called once, at the end. */
  async settle(handlers: DuplicateHandlers): Promise<void> {
    for (let pile = 0; pile < PILES; pile += 1) await this.#settlePile(pile, handlers);
  }

  /** Lets go of memory and of the temporary file. */
  close(): void {
    this.#piles.close();
  }

  async #settlePile(pile: number, handlers: DuplicateHandlers): Promise<void> {
    const words = this.#record.length;
    const records = this.#piles.recordsOf(pile);
    const slots = this.#freeSlots(records.length / words);
    for (let at = 0; at < records.length; at += words) {
      const slot = findSlot(slots, records, at);
      const earlier = slots[slot] as number;
      if (earlier === NONE) slots[slot] = at;
      else if (this.#policy === "last") {
        handlers.onSuperseded(leftOut(records, earlier));
        slots[slot] = at;
      } else if (this.#isLeftOut(records, earlier, at)) handlers.onSuperseded(leftOut(records, at));
      else await handlers.onDefect(this.#duplicate(records, earlier, at));
    }
  }

  /** Room for twice as many as there are. */
  #freeSlots(count: number): Int32Array {
    let capacity = 16;
    while (capacity < count * 2) capacity *= 2;
    if (this.#slots.length < capacity) this.#slots = new Int32Array(capacity);
    return this.#slots.subarray(0, capacity).fill(NONE);
  }

  #isLeftOut(records: Uint32Array, earlier: number, at: number): boolean {
    if (this.#policy === "first") return true;
    return this.#policy === "identical-ok" && hashesEqual(records, earlier + CONTENT, at + CONTENT);
  }

  #duplicate(records: Uint32Array, earlier: number, at: number): Duplicate {
    const number = records[at + PLACE] as number;
    const first = this.#places.placeOf(records[earlier + PLACE] as number);
    return { number, place: this.#places.placeOf(number), first };
  }
}

const leftOut = (records: Uint32Array, at: number): LeftOut => ({
  ordinal: records[at + ORDINAL] as number,
  bytes: records[at + BYTES] as number,
  writeUnits: records[at + UNITS] as number,
});

/** The slot of the record with the hash of that at `at`, or the free one where it would be. */
function findSlot(slots: Int32Array, records: Uint32Array, at: number): number {
  const mask = slots.length - 1;
  for (let slot = (records[at] as number) & mask; ; slot = (slot + 1) & mask) {
    const other = slots[slot] as number;
    if (other === NONE || hashesEqual(records, other, at)) return slot;
  }
}

function hashesEqual(records: Uint32Array, a: number, b: number): boolean {
  for (let word = 0; word < HASH_WORDS; word += 1) if (records[a + word] !== records[b + word]) return false;
  return true;
}
