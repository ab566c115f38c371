const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;

/** Where something stands, counted from 1; columns in characters, as in a string. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Where a cell stands in the bytes of its row. */
interface CellText {
  readonly begin: number;
  readonly isQuoted: boolean;
  /** Whether its quotes are not as they should be: not closed, closed before its end, or inside it. */
  readonly isBroken: boolean;
}

export function countLineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}

/** The position behind the quote that closes a cell, or undefined where there is none. */
function endOfQuotes(bytes: Buffer, begin: number): number | undefined {
  for (let at = bytes.indexOf(QUOTE, begin + 1); at !== -1; at = bytes.indexOf(QUOTE, at + 2)) {
    if (bytes[at + 1] !== QUOTE) return at + 1;
  }
  return undefined;
}

/**
 * The bytes of a row as they stand in the file, with blank lines before it, and perhaps what follows it. They
 * tell what a parser of CSV does not: which cells are in quotes, and where each of them begins.
 */
export class RowText {
  readonly #bytes: Buffer;
  readonly #line: number;
  readonly #delimiter: number;
  #found: readonly CellText[] | undefined;

  /** @param line the line where the bytes begin */
  constructor(bytes: Buffer, line: number, delimiter: number) {
    this.#bytes = bytes;
    this.#line = line;
    this.#delimiter = delimiter;
  }

  isQuoted(index: number): boolean {
    return this.#cells[index]?.isQuoted === true;
  }

  /** The first cell whose quotes are not as they should be. */
  get brokenCell(): number | undefined {
    const index = this.#cells.findIndex(({ isBroken }) => isBroken);
    return index === -1 ? undefined : index;
  }

  /** The line where the row begins. */
  get line(): number {
    return this.#line + countLineFeeds(this.#bytes.subarray(0, this.#begin));
  }

  /** Where a cell begins. */
  placeOf(index: number): TextPlace {
    const before = this.#bytes.subarray(0, this.#cells[index]?.begin ?? this.#begin);
    const column = before.toString("utf8", before.lastIndexOf(LINE_FEED) + 1).length + 1;
    return { line: this.#line + countLineFeeds(before), column };
  }

  /** The position of the first byte that is no line end. */
  get #begin(): number {
    const bytes = this.#bytes;
    let at = 0;
    while (bytes[at] === LINE_FEED || bytes[at] === CARRIAGE_RETURN) at += 1;
    return at;
  }

  get #cells(): readonly CellText[] {
    this.#found ??= this.#findCells();
    return this.#found;
  }

  #findCells(): CellText[] {
    const bytes = this.#bytes;
    const cells: CellText[] = [];
    let begin = this.#begin;
    while (true) {
      const isQuoted = bytes[begin] === QUOTE;
      const closed = isQuoted ? endOfQuotes(bytes, begin) : begin;
      let end = closed ?? bytes.length;
      while (end < bytes.length && bytes[end] !== this.#delimiter && bytes[end] !== LINE_FEED) end += 1;
      const outside = bytes.toString("latin1", closed, end);
      const isSound = isQuoted ? /^\r?$/.test(outside) : !outside.includes('"');
      cells.push({ begin, isQuoted, isBroken: closed === undefined || !isSound });
      if (bytes[end] !== this.#delimiter) return cells;
      begin = end + 1;
    }
  }
}
