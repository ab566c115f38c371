import { type CsvError, parse } from "csv-parse";
import { decodeText } from "../decode-text.ts";
import { type BrokenText, MAX_PIECE_BYTES } from "../piece.ts";
import { countLineFeeds, RowText } from "./row-text.ts";

const CLOSED_EARLY =
  "the quote that opens this cell is closed before its end; a quote inside is written twice";
/** What csv-parse does not read, by its codes. */
const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "the quote that opens this cell is not closed",
  CSV_INVALID_CLOSING_QUOTE: CLOSED_EARLY,
  INVALID_OPENING_QUOTE: "has a quote inside; a cell with quotes stands in quotes, with each of them twice",
};

/** A row, blank lines left out. */
export interface Row {
  /** Undefined where a cell is not UTF-8. */
  readonly cells: readonly (string | undefined)[];
  readonly text: RowText;
}

/** A row as csv-parse hands it over: a character a byte. */
interface ParsedRow {
  readonly cells: readonly string[];
  /** The offset behind its line end in the file. */
  readonly end: number;
}

/** @param bytes a character a byte */
function textOf(bytes: string): string | undefined {
  const decoded = decodeText(Buffer.from(bytes, "latin1"));
  return "text" in decoded ? decoded.text : undefined;
}

/** Divides text into rows and cells, by csv-parse (RFC 4180, with any one delimiter), in constant memory. */
export class RowSplitter {
  readonly #delimiter: number;
  readonly #parser;
  #rows: ParsedRow[] = [];
  /** What has been read and is in no row yet. */
  #rest: Buffer = Buffer.alloc(0);
  /** The offset of that in the file, and its line. */
  #restBegin = 0;
  #restLine = 1;
  #isBroken = false;

  constructor(delimiter: "," | "\t") {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#parser = parse({
      delimiter,
      record_delimiter: ["\r\n", "\n"],
      // A character a byte: what is not UTF-8 would be replaced in silence.
      encoding: "latin1",
      relax_column_count: true,
      skip_empty_lines: true,
      // Taken here, as the parser reads: what it hands on as a stream comes later.
      on_record: (cells: string[], { bytes: end }) => {
        this.#rows.push({ cells, end });
        return null;
      },
    });
    // Each write and the end hand it over.
    this.#parser.on("error", () => {});
  }

  /** The rows that end in what was pushed so far, or what ends the reading, as the last one. */
  async push(chunk: Buffer): Promise<(Row | BrokenText)[]> {
    if (this.#isBroken) return [];
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const rows = await this.#taken((done) => this.#parser.write(chunk, done));
    if (!this.#isBroken && this.#rest.length > MAX_PIECE_BYTES)
      rows.push(this.#break(this.#textTo(), `the row is longer than ${MAX_PIECE_BYTES / 1024 / 1024} MB`));
    return rows;
  }

  /** To be called behind the last chunk. */
  async end(): Promise<(Row | BrokenText)[]> {
    return this.#isBroken ? [] : this.#taken((done) => this.#parser.end(done));
  }

  async #taken(feed: (done: (error?: Error | null) => void) => void): Promise<(Row | BrokenText)[]> {
    const error = await new Promise<Error | null | undefined>((resolve) => feed(resolve));
    const rows: (Row | BrokenText)[] = [];
    for (const { cells, end } of this.#rows.splice(0)) {
      const text = this.#take(end - this.#restBegin);
      // csv-parse takes a quote that stands before a NUL for the last one of its cell.
      if (cells.some((cell) => cell.includes("\0")) && text.brokenCell !== undefined)
        return [...rows, this.#break(text, CLOSED_EARLY)];
      rows.push({ cells: cells.map(textOf), text });
    }
    if (error) rows.push(this.#break(this.#textTo(), REASONS[(error as CsvError).code] ?? error.message));
    return rows;
  }

  #textTo(length?: number): RowText {
    return new RowText(this.#rest.subarray(0, length), this.#restLine, this.#delimiter);
  }

  #take(length: number): RowText {
    const text = this.#textTo(length);
    this.#restLine += countLineFeeds(this.#rest.subarray(0, length));
    this.#rest = this.#rest.subarray(length);
    this.#restBegin += length;
    return text;
  }

  #break(text: RowText, reason: string): BrokenText {
    this.#isBroken = true;
    return { ...text.placeOf(text.brokenCell ?? 0), reason };
  }
}
