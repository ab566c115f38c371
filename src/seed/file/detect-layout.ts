import { SeedFormatError } from "../errors.ts";
import type { SeedFormat } from "./formats.ts";
import { MAX_PIECE_BYTES } from "./piece.ts";
import { ValueSplitter } from "./split-values.ts";

/** How a file's text is divided into items. */
export type Layout = "lines" | "values";

const LINE_FEED = 0x0a;
/** Text of Ion begins with its version, binary Ion with four bytes of it (Ion specification). */
const ION_TEXT = "$ion_1_0";
const ION_BINARY = Buffer.from([0xe0, 0x01, 0x00, 0xea]);

const LAYOUTS: Readonly<Partial<Record<SeedFormat, Layout>>> = { "json-lines": "lines", json: "values" };

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
  throw new SeedFormatError(source, `it begins with ${JSON.stringify(first)}`);
}
