import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHUNK_BYTES = 8 * 1024;

/** A file in the system's folder for temporary ones, which is gone with the process, whichever way that ends. */
class Spill {
  readonly #descriptor: number;
  #length = 0;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), "tablewright-keys-"));
    const file = join(folder, "keys");
    this.#descriptor = openSync(file, "wx+", 0o600);
    // What has no name any more lives until it is closed.
    rmSync(folder, { recursive: true });
  }

  /** @returns where it lies */
  append(chunk: Uint32Array): number {
    const at = this.#length;
    this.#length += writeSync(this.#descriptor, chunk, 0, chunk.byteLength, at);
    if (this.#length !== at + chunk.byteLength) throw new Error("the disk took a part of what was written");
    return at;
  }

  read(at: number, into: Uint32Array): void {
    if (readSync(this.#descriptor, into, 0, into.byteLength, at) !== into.byteLength)
      throw new Error("a temporary file is shorter than what was written to it");
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** The records of one pile, of which full chunks lie in memory or in the spill. */
interface Pile {
  open: Uint32Array;
  used: number;
  readonly full: (Uint32Array | number)[];
}

/**
 * Keeps records of a few words each in piles, in the order in which they came. What does not fit into the
 * memory that is allowed goes to a temporary file, and comes back one pile at a time.
 */
export class RecordPiles {
  readonly #words: number;
  readonly #chunkWords: number;
  readonly #piles: (Pile | undefined)[];
  #chunksLeft: number;
  #spill: Spill | undefined;
  /** Where a pile is put together. */
  #whole = new Uint32Array(0);

  /**
   * @param words 32-bit words of a record
   * @param piles how many there are
   * @param memoryBytes what full chunks may take; besides, each pile has one of 8 KB that it fills
   */
  constructor(words: number, piles: number, memoryBytes: number) {
    this.#words = words;
    this.#chunkWords = Math.floor(CHUNK_BYTES / 4 / words) * words;
    this.#piles = Array.from({ length: piles });
    this.#chunksLeft = Math.floor(memoryBytes / CHUNK_BYTES);
  }

  /** Whether some of it is in a temporary file. */
  get isSpilled(): boolean {
    return this.#spill !== undefined;
  }

  /** Takes a record: the first words of `record`. */
  add(pile: number, record: Uint32Array): void {
    let to = this.#piles[pile];
    if (!to) {
      to = { open: new Uint32Array(this.#chunkWords), used: 0, full: [] };
      this.#piles[pile] = to;
    }
    if (to.used === this.#chunkWords) this.#putAway(to);
    for (let word = 0; word < this.#words; word += 1) to.open[to.used + word] = record[word] as number;
    to.used += this.#words;
  }

  #putAway(pile: Pile): void {
    pile.used = 0;
    if (this.#chunksLeft > 0) {
      this.#chunksLeft -= 1;
      pile.full.push(pile.open);
      pile.open = new Uint32Array(this.#chunkWords);
      return;
    }
    this.#spill ??= new Spill();
    pile.full.push(this.#spill.append(pile.open));
  }

  /** All records of a pile, one behind the other; they stay until the next pile is asked for. */
  recordsOf(pile: number): Uint32Array {
    const from = this.#piles[pile];
    if (!from) return new Uint32Array(0);
    const length = from.full.length * this.#chunkWords + from.used;
    if (this.#whole.length < length) this.#whole = new Uint32Array(length * 2);
    const records = this.#whole.subarray(0, length);
    for (const [index, chunk] of from.full.entries()) {
      const into = records.subarray(index * this.#chunkWords, (index + 1) * this.#chunkWords);
      if (typeof chunk === "number") this.#spill?.read(chunk, into);
      else into.set(chunk);
    }
    records.set(from.open.subarray(0, from.used), from.full.length * this.#chunkWords);
    return records;
  }

  close(): void {
    this.#spill?.close();
    this.#spill = undefined;
    this.#piles.fill(undefined);
  }
}
