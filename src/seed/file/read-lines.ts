import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { SeedFileError } from "../errors.ts";

/**
 * The longest line that is read. An item has at most 400 KB, and JSON may spell one byte with six
 * characters; the rest is room for white space. It bounds the memory a broken file can ask for.
 */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** A line of a file, without its end. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Undefined for a line longer than {@link MAX_LINE_BYTES}. */
  readonly bytes: Buffer | undefined;
}

/** How lines are read. */
export interface ReadOptions {
  signal?: AbortSignal | undefined;
  /** Called with the number of bytes read so far, at each chunk. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/** Puts chunks together into lines, holding no more than one line. */
class LineSplitter {
  #number = 0;
  #parts: Buffer[] = [];
  #held = 0;

  *push(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.#hold(chunk.subarray(start, end));
      yield this.#take();
      start = end + 1;
    }
    this.#hold(chunk.subarray(start));
  }

  *end(): Generator<Line> {
    if (this.#held > 0) yield this.#take();
  }

  #hold(part: Buffer): void {
    this.#held += part.length;
    if (this.#held > MAX_LINE_BYTES) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #take(): Line {
    this.#number += 1;
    const tooLong = this.#held > MAX_LINE_BYTES;
    let bytes = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#held = 0;
    if (tooLong) return { number: this.#number, bytes: undefined };
    if (this.#number === 1 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK)) bytes = bytes.subarray(3);
    if (bytes.at(-1) === CARRIAGE_RETURN) bytes = bytes.subarray(0, -1);
    return { number: this.#number, bytes };
  }
}

/**
 * Reads a file line by line in constant memory. A byte order mark at its start, CRLF and a missing last
 * line end are fine.
 * @throws {SeedFileError} when the file cannot be read.
 */
export async function* readLines(file: string, options: ReadOptions = {}): AsyncGenerator<Line> {
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 });
  const splitter = new LineSplitter();
  let read = 0;
  try {
    for await (const chunk of stream) {
      options.signal?.throwIfAborted();
      read += (chunk as Buffer).length;
      options.onBytes?.(read);
      yield* splitter.push(chunk as Buffer);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new SeedFileError(file, error);
  }
  yield* splitter.end();
}

/** A line's text, or the column (from 1) of the first byte that is not UTF-8. */
export function decodeLine(bytes: Buffer): { text: string } | { badColumn: number } {
  if (isUtf8(bytes)) return { text: bytes.toString("utf8") };
  let valid = 0;
  for (let invalid = bytes.length; valid + 1 < invalid; ) {
    const middle = (valid + invalid) >> 1;
    if (beginsWell(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, valid), {
    stream: true,
  });
  return { badColumn: before.length + 1 };
}

/** Whether bytes could be the beginning of UTF-8 text: `stream` forgives a last character cut short. */
function beginsWell(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
