/** Slots at first; always a power of two. */
const FIRST_CAPACITY = 1 << 12;
const MAX_LOAD = 0.75;
const WORDS = 4;

/**
 * A set of 128-bit hashes with a number and a few 32-bit words to each, in typed arrays: 20 bytes a slot
 * plus 4 for each extra word, so 27 to 53 bytes an item without extra words, whatever the keys' length.
 * Two keys with one hash are not to be feared: at a thousand million items the chance is below 1e-20.
 */
export class HashIndex {
  readonly #extraWords: number;
  #capacity = FIRST_CAPACITY;
  #size = 0;
  #hashes: Uint32Array;
  #numbers: Uint32Array;
  #extra: Uint32Array;

  /** @param extraWords 32-bit words kept with each hash. Default 0. */
  constructor(extraWords = 0) {
    this.#extraWords = extraWords;
    this.#hashes = new Uint32Array(FIRST_CAPACITY * WORDS);
    this.#numbers = new Uint32Array(FIRST_CAPACITY);
    this.#extra = new Uint32Array(FIRST_CAPACITY * extraWords);
  }

  /** Number of slots: a slot is below it. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The slot of a hash, or -1 where it is not in the set. A slot holds until the next `add`. */
  find(hash: Buffer): number {
    const slot = this.#slotOf(
      hash.readUInt32LE(0),
      hash.readUInt32LE(4),
      hash.readUInt32LE(8),
      hash.readUInt32LE(12),
    );
    return this.#numbers[slot] === 0 ? -1 : slot;
  }

  /**
   * Adds a hash that is not in the set.
   * @param number from 1 to 2^32 - 1, such as a line
   */
  add(hash: Buffer, number: number, extra?: Buffer): void {
    if (this.#size >= this.#capacity * MAX_LOAD) this.#grow();
    const words = [0, 4, 8, 12].map((offset) => hash.readUInt32LE(offset)) as [
      number,
      number,
      number,
      number,
    ];
    const slot = this.#slotOf(...words);
    this.#hashes.set(words, slot * WORDS);
    this.#numbers[slot] = number;
    for (let word = 0; word < this.#extraWords; word += 1) {
      this.#extra[slot * this.#extraWords + word] = extra?.readUInt32LE(word * 4) ?? 0;
    }
    this.#size += 1;
  }

  numberAt(slot: number): number {
    return this.#numbers[slot] as number;
  }

  /** Whether the extra words of a slot are the first bytes of `bytes`. */
  extraEquals(slot: number, bytes: Buffer): boolean {
    for (let word = 0; word < this.#extraWords; word += 1) {
      if (this.#extra[slot * this.#extraWords + word] !== bytes.readUInt32LE(word * 4)) return false;
    }
    return true;
  }

  #slotOf(a: number, b: number, c: number, d: number): number {
    const mask = this.#capacity - 1;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      if (this.#numbers[slot] === 0) return slot;
      const at = slot * WORDS;
      if (
        this.#hashes[at] === a &&
        this.#hashes[at + 1] === b &&
        this.#hashes[at + 2] === c &&
        this.#hashes[at + 3] === d
      )
        return slot;
    }
  }

  #grow(): void {
    const old = {
      capacity: this.#capacity,
      hashes: this.#hashes,
      numbers: this.#numbers,
      extra: this.#extra,
    };
    this.#capacity *= 2;
    this.#hashes = new Uint32Array(this.#capacity * WORDS);
    this.#numbers = new Uint32Array(this.#capacity);
    this.#extra = new Uint32Array(this.#capacity * this.#extraWords);
    for (let from = 0; from < old.capacity; from += 1) {
      const number = old.numbers[from] as number;
      if (number === 0) continue;
      const words = old.hashes.subarray(from * WORDS, (from + 1) * WORDS);
      const slot = this.#slotOf(...(words as unknown as [number, number, number, number]));
      this.#hashes.set(words, slot * WORDS);
      this.#numbers[slot] = number;
      const extra = old.extra.subarray(from * this.#extraWords, (from + 1) * this.#extraWords);
      this.#extra.set(extra, slot * this.#extraWords);
    }
  }
}
