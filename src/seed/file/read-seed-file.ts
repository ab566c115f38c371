import { CsvReader } from "./csv/csv-reader.ts";
import { detectLayout, type Layout } from "./detect-layout.ts";
import type { SeedFormat } from "./formats.ts";
import { createItemParser, type ParserOptions } from "./parse-item.ts";
import type { BrokenText, Piece } from "./piece.ts";
import { type ByteSource, type ReadBytesOptions, readBytes } from "./read-bytes.ts";
import type { SeedRecord, TableKeys } from "./records.ts";
import { LineSplitter } from "./split-lines.ts";
import { ValueSplitter } from "./split-values.ts";

/** Seed files that are read as one, in their order. */
export interface SeedInput {
  readonly files: readonly string[];
  /** How they are written. Default: told by the content of each. */
  readonly format?: SeedFormat | undefined;
  /** Descriptors of files that are open already, by their names among `files`. */
  readonly descriptors?: ReadonlyMap<string, number> | undefined;
}

/** How messages call files that are read as one. */
export function nameOf(input: string | SeedInput): string {
  return typeof input === "string" ? input : input.files.join(", ");
}

/** The files that are read as one. */
export const filesOf = (input: string | SeedInput): readonly string[] =>
  typeof input === "string" ? [input] : input.files;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const withoutMark = (start: Buffer) =>
  start.subarray(0, 3).equals(BYTE_ORDER_MARK) ? start.subarray(3) : start;

/** Divides a file into the texts of its items, CSV into records, chunk by chunk. @throws {SeedFormatError} where its layout cannot be told. */
async function* piecesOf(
  bytes: ByteSource,
  keys: TableKeys,
  { format, source }: ParserOptions,
  options: ReadBytesOptions,
): AsyncGenerator<Iterable<Piece | BrokenText | SeedRecord>> {
  const about = { format, source: bytes.file };
  const splitterOf = (layout: Layout) => {
    if (layout === "csv" || layout === "tsv") return new CsvReader(layout, keys, source);
    return layout === "lines" ? new LineSplitter() : new ValueSplitter();
  };
  let splitter: LineSplitter | ValueSplitter | CsvReader | undefined;
  let seen: Buffer = Buffer.alloc(0);
  for await (const chunk of readBytes(bytes, options)) {
    if (splitter) {
      yield await splitter.push(chunk);
      continue;
    }
    seen = Buffer.concat([seen, chunk]);
    if (seen.length < BYTE_ORDER_MARK.length) continue;
    const start = withoutMark(seen);
    const layout = detectLayout(start, false, about);
    if (layout === undefined) continue;
    splitter = splitterOf(layout);
    yield await splitter.push(start);
    seen = Buffer.alloc(0);
  }
  if (!splitter) {
    const start = withoutMark(seen);
    splitter = splitterOf(detectLayout(start, true, about) ?? "lines");
    yield await splitter.push(start);
  }
  yield await splitter.end();
}

/** The records of one file, chunk by chunk. */
async function* readOne(
  bytes: ByteSource,
  keys: TableKeys,
  parserOptions: ParserOptions,
  options: ReadBytesOptions,
): AsyncGenerator<Iterable<SeedRecord>> {
  const parse = createItemParser(keys, parserOptions);
  let isOver = false;
  function* recordsOf(pieces: Iterable<Piece | BrokenText | SeedRecord>): Generator<SeedRecord> {
    for (const piece of pieces) {
      const record = "kind" in piece ? piece : parse(piece);
      if (record) yield record;
      isOver = record?.kind === "defect" && record.endsReading === true;
      if (isOver) return;
    }
  }
  for await (const pieces of piecesOf(bytes, keys, parserOptions, options)) {
    yield recordsOf(pieces);
    if (isOver) return;
  }
}

/**
 * Reads a seed file, or several, one record an item or defective piece, in constant memory: JSON lines, a
 * JSON list, JSON objects one behind the other, plain or as DynamoDB JSON, CSV and TSV with types in the
 * header. In JSON lines a line that is no JSON is one defect; elsewhere the reading of the file ends with
 * what cannot be divided, as nobody can tell where the next item begins.
 * @returns the records of one chunk of text after the other. They are made as they are asked for, and all of a
 * chunk are to be taken before the next.
 * @throws {SeedFileError} when a file cannot be read.
 * @throws {SeedFormatError} when it cannot be told how it is written.
 */
export async function* readSeedChunks(
  input: string | SeedInput,
  keys: TableKeys,
  { signal, onBytes, onChunk }: ReadBytesOptions = {},
): AsyncGenerator<Iterable<SeedRecord>> {
  const { files, format, descriptors }: SeedInput = typeof input === "string" ? { files: [input] } : input;
  let bytesBefore = 0;
  for (const file of files) {
    let bytes = 0;
    const count = (read: number) => {
      bytes = read;
      onBytes?.(bytesBefore + read);
    };
    const source = files.length > 1 ? file : undefined;
    const opened = { file, descriptor: descriptors?.get(file) };
    yield* readOne(opened, keys, { format, source }, { signal, onBytes: count, onChunk });
    bytesBefore += bytes;
  }
}

/** The records of {@link readSeedChunks}, one after the other. */
export async function* readSeedFile(
  input: string | SeedInput,
  keys: TableKeys,
  options: ReadBytesOptions = {},
): AsyncGenerator<SeedRecord> {
  for await (const records of readSeedChunks(input, keys, options)) yield* records;
}
