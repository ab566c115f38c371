import { type Piece, PieceParts, type Splitter } from "./piece.ts";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Divides text into lines, without their ends: CRLF and a missing last line end are fine. */
export class LineSplitter implements Splitter {
  #line = 0;
  readonly #parts = new PieceParts();

  *push(chunk: Buffer): Generator<Piece> {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.#parts.hold(chunk.subarray(start, end));
      yield this.#take();
      start = end + 1;
    }
    this.#parts.hold(chunk.subarray(start));
  }

  *end(): Generator<Piece> {
    if (!this.#parts.isEmpty) yield this.#take();
  }

  #take(): Piece {
    this.#line += 1;
    let bytes = this.#parts.take();
    if (bytes?.at(-1) === CARRIAGE_RETURN) bytes = bytes.subarray(0, -1);
    return { line: this.#line, column: undefined, bytes };
  }
}
