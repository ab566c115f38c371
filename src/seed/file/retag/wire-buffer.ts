/** Items are a few hundred bytes: a block holds a thousand, and lives as long as one of them. */
const BLOCK_BYTES = 256 * 1024;
/** Below this a loop is faster than a call out of JavaScript. */
const SHORT_COPY_BYTES = 48;

/**
 * Takes the bytes of one item after the other. Items lie in blocks of memory behind each other, so that
 * an item costs no allocation of its own.
 */
export class WireBuffer {
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #begin = 0;
  #end = 0;

  /** Begins an item; what was written since the last {@link take} is dropped. */
  begin(): void {
    this.#end = this.#begin;
  }

  /** Appends `source` from `start` until before `end`. */
  append(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#block.length - this.#end < length) this.#moveOn(length);
    if (length > SHORT_COPY_BYTES) {
      this.#block.set(source.subarray(start, end), this.#end);
      this.#end += length;
      return;
    }
    const block = this.#block;
    let to = this.#end;
    for (let from = start; from < end; from += 1) {
      block[to] = source[from] as number;
      to += 1;
    }
    this.#end = to;
  }

  /** The item that was written. Its bytes stay as they are. */
  take(): Buffer {
    const item = this.#block.subarray(this.#begin, this.#end);
    this.#begin = this.#end;
    return item;
  }

  /** Goes on in a new block, with what there is of the item. */
  #moveOn(length: number): void {
    const written = this.#block.subarray(this.#begin, this.#end);
    const needed = written.length + length;
    this.#block = Buffer.allocUnsafeSlow(needed > BLOCK_BYTES / 4 ? needed * 2 : BLOCK_BYTES);
    this.#block.set(written);
    this.#begin = 0;
    this.#end = written.length;
  }
}
