import { SeedFormatError } from "../errors.ts";
import { columnOf } from "./csv/typed-header.ts";
import type { SeedFormat } from "./formats.ts";
import { MAX_PIECE_BYTES } from "./piece.ts";
import { ValueSplitter } from "./split-values.ts";

/** How a file's text is divided into items. */
export type Layout = "lines" | "values" | "csv" | "tsv";

const LINE_FEED = 0x0a;
/** Text of Ion begins with its version, binary Ion with four bytes of it (Ion specification). */
const ION_TEXT = "$ion_1_0";
const ION_BINARY = Buffer.from([0xe0, 0x01, 0x00, 0xea]);

/** A first line that is longer is not waited for. */
const MOST_HEADER_BYTES = 64 * 1024;

const LAYOUTS: Readonly<Partial<Record<SeedFormat, Layout>>> = {
  "json-lines": "lines",
  json: "values",
  csv: "csv",
  tsv: "tsv",
};

const firstOf = (text: string) => /\S/.exec(text)?.[0];

/** Where the first JSON value ends, or undefined where it does not. */
function endOfFirstValue(start: Buffer): { line: number; bytes: number } | undefined {
  const [piece] = [...new ValueSplitter().push(start)];
  if (!piece || !("bytes" in piece) || !piece.bytes) return undefined;
  return { line: piece.line, bytes: start.indexOf(piece.bytes) + piece.bytes.length };
}

/** Tells lines from values where a file begins with an object; undefined where more must be seen. */
function layoutOfObjects(start: Buffer, isWhole: boolean, source: string): Layout | undefined {
  const begin = start.indexOf("{");
  const lineFeed = start.indexOf(LINE_FEED, begin);
  if (lineFeed === -1 && !isWhole) return undefined;
  const lineEnd = lineFeed === -1 ? start.length : lineFeed;
  const firstLine = start.subarray(begin, lineEnd);
  const first = endOfFirstValue(firstLine);
  if (first) {
    if (firstOf(firstLine.subarray(first.bytes).toString("latin1")) === undefined) return "lines";
    throw new SeedFormatError(source, "its first line is an object with something behind it");
  }
  const next = firstOf(start.subarray(lineEnd).toString("latin1"));
  if (next === undefined && !isWhole) return undefined;
  if (next === undefined) return lineFeed === -1 ? "lines" : "values";
  if (next !== "{") return "values";
  throw new SeedFormatError(source, "its first line is no whole object, and another one begins below it");
}

/** Tells CSV from TSV by a first line of columns with types; undefined where more must be seen. */
function layoutOfCells(start: Buffer, isWhole: boolean, source: string): Layout | undefined {
  const [line = "", ...more] = start.toString("utf8").trimStart().split("\n", 2);
  if (more.length === 0 && !isWhole && start.length <= MOST_HEADER_BYTES) return undefined;
  const typed = (delimiter: string) => {
    const cells = line.trimEnd().split(delimiter);
    const known = cells.filter((cell) => columnOf(cell.replace(/^"(.*)"$/s, "$1")));
    return {
      some: known.length > 0 && cells.length > 1,
      all: known.length === cells.length && cells.length > 1,
    };
  };
  const [comma, tab] = [typed(","), typed("\t")];
  if (comma.all !== tab.all) return comma.all ? "csv" : "tsv";
  if (comma.some !== tab.some) return comma.some ? "csv" : "tsv";
  if (comma.some || columnOf(line.trimEnd()))
    throw new SeedFormatError(source, "its first line could be a header of CSV or of TSV");
  const begin = JSON.stringify(firstOf(line) ?? "");
  throw new SeedFormatError(
    source,
    `it begins with ${begin}, and its first line is no header whose columns have types, such as PK:S,SK:N`,
  );
}

/**
 * Tells from the start of a file, without a byte order mark, how its items stand in it.
 * @param isWhole whether `start` is the whole file
 * @returns undefined where more of the file must be seen
 * @throws {SeedFormatError} where it cannot be told.
 */
export function detectLayout(
  start: Buffer,
  isWhole: boolean,
  { format, source }: { format: SeedFormat | undefined; source: string },
): Layout | undefined {
  const fixed = format && LAYOUTS[format];
  if (fixed) return fixed;
  const first = firstOf(start.toString("latin1"));
  if (first === undefined) return isWhole ? "lines" : undefined;
  if (first === "[") return "values";
  if (first === "{") {
    // A first line that is longer than any item: read as a line, it is one defect.
    if (start.length > MAX_PIECE_BYTES) return "lines";
    return layoutOfObjects(start, isWhole, source);
  }
  if (start.toString("latin1").trimStart().startsWith(ION_TEXT) || start.subarray(0, 4).equals(ION_BINARY))
    throw new SeedFormatError(source, "it is Amazon Ion, which is not read: export in DynamoDB JSON");
  if (format === undefined) return layoutOfCells(start, isWhole, source);
  throw new SeedFormatError(source, `it begins with ${JSON.stringify(first)}`);
}
