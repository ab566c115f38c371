/** Bytes of one frame, or the end of it. */
export type ZstdPart =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  /** @property checksum the low 32 bits of the content's XXH64, where the frame has it */
  | { readonly kind: "end"; readonly checksum: number | undefined };

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
/** Bytes of a dictionary's id, and of the content's size, by the two bits that say it. */
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

/** What comes next in a frame. */
type Expected = "magic" | "descriptor" | "block" | "checksum" | "skippable";

/**
 * Divides compressed bytes into frames (RFC 8878, section 3.1), to hold each against its checksum. Nothing is
 * decompressed here.
 */
export class ZstdFrameSplitter {
  #held: Buffer = Buffer.alloc(0);
  #expected: Expected = "magic";
  /** Bytes that go through without being looked at, and whether they are of the frame. */
  #passing = 0;
  #isSkipped = false;
  #hasChecksum = false;
  #isLast = false;

  /** Whether a frame has begun and not ended. */
  get isInside(): boolean {
    return this.#held.length > 0 || this.#passing > 0 || this.#expected !== "magic";
  }

  *push(chunk: Buffer): Generator<ZstdPart> {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (;;) {
      if (this.#passing > 0) {
        if (this.#held.length === 0) return;
        const bytes = this.#take(Math.min(this.#passing, this.#held.length));
        this.#passing -= bytes.length;
        if (!this.#isSkipped) yield { kind: "bytes", bytes };
        continue;
      }
      const part = this.#step();
      if (part === undefined) return;
      if (part !== "nothing") yield part;
    }
  }

  #take(length: number): Buffer {
    const bytes = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return bytes;
  }

  /** Goes one step on; undefined where more bytes must come. */
  #step(): ZstdPart | "nothing" | undefined {
    switch (this.#expected) {
      case "magic":
        return this.#magic();
      case "skippable": {
        if (this.#held.length < MAGIC_BYTES) return undefined;
        this.#passing = this.#take(MAGIC_BYTES).readUInt32LE();
        this.#expected = "magic";
        return "nothing";
      }
      case "descriptor":
        return this.#descriptor();
      case "block":
        return this.#block();
      case "checksum": {
        if (this.#held.length < CHECKSUM_BYTES) return undefined;
        this.#expected = "magic";
        return { kind: "end", checksum: this.#take(CHECKSUM_BYTES).readUInt32LE() };
      }
    }
  }

  #magic(): ZstdPart | "nothing" | undefined {
    if (this.#held.length < MAGIC_BYTES) return undefined;
    const magic = this.#held.readUInt32LE();
    this.#isSkipped = (magic & 0xfffffff0) === SKIPPABLE_MAGIC;
    if (!this.#isSkipped && magic !== FRAME_MAGIC)
      throw new Error("it is no zstd where a frame should begin");
    this.#expected = this.#isSkipped ? "skippable" : "descriptor";
    const bytes = this.#take(MAGIC_BYTES);
    return this.#isSkipped ? "nothing" : { kind: "bytes", bytes };
  }

  #descriptor(): ZstdPart | undefined {
    const [descriptor] = this.#held;
    if (descriptor === undefined) return undefined;
    const isSingle = (descriptor & 0x20) !== 0;
    const sizeBits = descriptor >> 6;
    const sizeBytes = sizeBits === 0 && isSingle ? 1 : (CONTENT_SIZE_BYTES[sizeBits] as number);
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    this.#passing = (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] as number) + sizeBytes;
    this.#expected = "block";
    this.#isLast = false;
    return { kind: "bytes", bytes: this.#withoutChecksum(this.#take(1)) };
  }

  /** The decompressor gets no checksum: it would take it for the beginning of the next frame. */
  #withoutChecksum(descriptor: Buffer): Buffer {
    return Buffer.from([(descriptor[0] as number) & ~0x04]);
  }

  #block(): ZstdPart | undefined {
    if (this.#isLast) {
      if (this.#hasChecksum) {
        this.#expected = "checksum";
        return { kind: "bytes", bytes: Buffer.alloc(0) };
      }
      this.#expected = "magic";
      return { kind: "end", checksum: undefined };
    }
    if (this.#held.length < BLOCK_HEADER_BYTES) return undefined;
    const header = this.#held.readUIntLE(0, BLOCK_HEADER_BYTES);
    const type = (header >> 1) & 3;
    if (type === RESERVED_BLOCK) throw new Error("it has a zstd block of no known type");
    this.#isLast = (header & 1) === 1;
    this.#passing = type === RLE_BLOCK ? 1 : header >> 3;
    return { kind: "bytes", bytes: this.#take(BLOCK_HEADER_BYTES) };
  }
}
