import { type BrokenText, MAX_PIECE_BYTES, type Piece, PieceParts, type Splitter } from "./piece.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const isSpace = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === LINE_FEED;
const code = (character: string) => character.charCodeAt(0);
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, COMMA, COLON] = [..."[]{},:"].map(code) as [
  number,
  number,
  number,
  number,
  number,
  number,
];
const isOpening = (byte: number) => byte === OPEN_OBJECT || byte === OPEN_LIST;
const isClosing = (byte: number) => byte === CLOSE_OBJECT || byte === CLOSE_LIST;
const endsWord = (byte: number) =>
  isSpace(byte) || isOpening(byte) || isClosing(byte) || byte === COMMA || byte === QUOTE;

/** What may come next outside a value. */
type Expected =
  /** A value, or the bracket of a list around all of them. */
  | "start"
  /** A value, or the end of a list that is still empty. */
  | "first"
  | "value"
  /** A comma, or the end of the list. */
  | "separator"
  | "nothing";

/**
 * Divides text into the JSON values of one list, or into values that stand one behind the other. It knows
 * strings and brackets only: whether a value is JSON is for the parser to say. Nothing is read behind
 * what should not stand between two values.
 */
export class ValueSplitter implements Splitter {
  readonly #parts = new PieceParts();
  #expected: Expected = "start";
  #inList = false;
  #line = 1;
  #column = 1;
  /** Where the value begins that is being read; undefined outside a value. */
  #begin: { line: number; column: number } | undefined;
  /** A value that is neither in quotes nor in brackets. */
  #isWord = false;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #isBroken = false;

  *push(chunk: Buffer): Generator<Piece | BrokenText> {
    let start = 0;
    for (let at = 0; at < chunk.length && !this.#isBroken; at += 1) {
      const byte = chunk[at] as number;
      if (this.#begin && this.#isWord && endsWord(byte)) {
        this.#parts.hold(chunk.subarray(start, at));
        yield this.#take();
      }
      if (this.#begin) {
        if (this.#endsValue(byte)) {
          this.#parts.hold(chunk.subarray(start, at + 1));
          this.#pass(byte);
          yield this.#take();
          continue;
        }
      } else if (!isSpace(byte)) {
        const reason = this.#meet(byte);
        if (reason !== undefined) yield this.#break(reason);
        start = at;
      }
      this.#pass(byte);
    }
    if (!this.#begin || this.#isBroken) return;
    this.#parts.hold(chunk.subarray(start));
    if (this.#parts.isTooLong) yield this.#breakAtValue(`is longer than ${MAX_PIECE_BYTES / 1024 / 1024} MB`);
  }

  *end(): Generator<Piece | BrokenText> {
    if (this.#isBroken) return;
    if (this.#begin && this.#isWord) yield this.#take();
    if (this.#begin) yield this.#breakAtValue("begins here and does not end");
    else if (this.#inList && this.#expected !== "nothing")
      yield this.#break("the list does not end: a ] is missing");
  }

  /** Goes over a byte, counting lines and columns; characters beyond U+FFFF are two, as in a string. */
  #pass(byte: number): void {
    if (byte === LINE_FEED) {
      this.#line += 1;
      this.#column = 1;
    } else if ((byte & 0xc0) !== 0x80) {
      this.#column += byte >= 0xf0 ? 2 : 1;
    }
  }

  /** Takes a byte of a value; whether the value ends with it. */
  #endsValue(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return !this.#inString && this.#depth === 0;
    }
    if (byte === QUOTE) this.#inString = true;
    else if (isOpening(byte)) this.#depth += 1;
    else if (isClosing(byte)) this.#depth -= 1;
    return isClosing(byte) && this.#depth === 0;
  }

  /** Takes a byte between two values; why it should not be there, if so. */
  #meet(byte: number): string | undefined {
    const expected = this.#expected;
    if (expected === "nothing") return "something stands behind the end of the list";
    if (expected === "start" && byte === OPEN_LIST) {
      this.#inList = true;
      this.#expected = "first";
      return undefined;
    }
    if (byte === CLOSE_LIST && (expected === "separator" || expected === "first")) {
      this.#expected = "nothing";
      return undefined;
    }
    if (expected === "separator") {
      if (byte !== COMMA) return "a comma is missing before this";
      this.#expected = "value";
      return undefined;
    }
    if (isClosing(byte) || byte === COMMA || byte === COLON)
      return `is not JSON: ${String.fromCharCode(byte)} where an item should begin`;
    this.#begin = { line: this.#line, column: this.#column };
    this.#depth = isOpening(byte) ? 1 : 0;
    this.#inString = byte === QUOTE;
    this.#isWord = this.#depth === 0 && !this.#inString;
    return undefined;
  }

  #take(): Piece {
    const { line, column } = this.#begin as { line: number; column: number };
    this.#begin = undefined;
    this.#expected = this.#inList ? "separator" : "value";
    return { line, column, bytes: this.#parts.take() };
  }

  #break(reason: string): BrokenText {
    this.#isBroken = true;
    return { line: this.#line, column: this.#column, reason };
  }

  #breakAtValue(reason: string): BrokenText {
    return { ...this.#break(reason), ...this.#begin };
  }
}
