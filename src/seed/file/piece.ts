import { MAX_NESTING_DEPTH } from "../../dynamo/limits.ts";

/**
 * The longest text of one item that is read. An item has at most 400 KB, and JSON may spell one byte with
 * six characters; the rest is room for white space. It bounds the memory a broken file can ask for.
 */
export const MAX_PIECE_BYTES = 8 * 1024 * 1024;

/** The deepest text that is parsed: type tags double DynamoDB's levels. Keeps the parser's recursion short. */
export const MAX_TEXT_DEPTH = 4 * MAX_NESTING_DEPTH;

/** A part of a file's text that should be one item: a line, or a JSON value. */
export interface Piece {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** Where it begins in its line, counted from 1; undefined where it is the whole line. */
  readonly column: number | undefined;
  /** Undefined where it is longer than {@link MAX_PIECE_BYTES}. */
  readonly bytes: Buffer | undefined;
  /** Where a position of the text stands in the file, where the text is not the file's own. */
  readonly placeAt?: (position: number) => { readonly line: number; readonly column: number };
}

/** What stands between JSON values and should not: no value after it can be told. */
export interface BrokenText {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

/** Puts chunks together into pieces, in constant memory. */
export interface Splitter {
  push(chunk: Buffer): Iterable<Piece | BrokenText>;
  /** To be called behind the last chunk. */
  end(): Iterable<Piece | BrokenText>;
}

/** Holds the parts of a piece that lies across chunks, up to {@link MAX_PIECE_BYTES}. */
export class PieceParts {
  #parts: Buffer[] = [];
  #held = 0;

  get isEmpty(): boolean {
    return this.#held === 0;
  }

  get isTooLong(): boolean {
    return this.#held > MAX_PIECE_BYTES;
  }

  hold(part: Buffer): void {
    this.#held += part.length;
    if (this.isTooLong) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  /** The whole piece; undefined where it was too long. */
  take(): Buffer | undefined {
    const { isTooLong } = this;
    const parts = this.#parts;
    this.#parts = [];
    this.#held = 0;
    if (isTooLong) return undefined;
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }
}
