import { CsvReader } from "./csv/csv-reader.ts";
import { detectLayout, type Layout } from "./detect-layout.ts";
import type { SeedFormat } from "./formats.ts";
import { createItemParser } from "./parse-item.ts";
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

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const withoutMark = (start: Buffer) =>
  start.subarray(0, 3).equals(BYTE_ORDER_MARK) ? start.subarray(3) : start;

/** Divides a file into the texts of its items; CSV into items. @throws {SeedFormatError} where its layout cannot be told. */
async function* piecesOf(
  source: ByteSource,
  format: SeedFormat | undefined,
  options: ReadBytesOptions,
  keys: TableKeys,
): AsyncGenerator<Piece | BrokenText | SeedRecord> {
  const about = { format, source: source.file };
  const splitterOf = (layout: Layout) => {
    if (layout === "csv" || layout === "tsv") return new CsvReader(layout, keys);
    return layout === "lines" ? new LineSplitter() : new ValueSplitter();
  };
  let splitter: LineSplitter | ValueSplitter | CsvReader | undefined;
  let seen: Buffer = Buffer.alloc(0);
  for await (const chunk of readBytes(source, options)) {
    if (splitter) {
      yield* splitter.push(chunk);
      continue;
    }
    seen = Buffer.concat([seen, chunk]);
    if (seen.length < BYTE_ORDER_MARK.length) continue;
    const start = withoutMark(seen);
    const layout = detectLayout(start, false, about);
    if (layout === undefined) continue;
    splitter = splitterOf(layout);
    yield* splitter.push(start);
    seen = Buffer.alloc(0);
  }
  if (!splitter) {
    const start = withoutMark(seen);
    splitter = splitterOf(detectLayout(start, true, about) ?? "lines");
    yield* splitter.push(start);
  }
  yield* splitter.end();
}

async function* readOne(
  source: ByteSource,
  format: SeedFormat | undefined,
  keys: TableKeys,
  options: ReadBytesOptions,
): AsyncGenerator<SeedRecord> {
  const parse = createItemParser(keys, format);
  for await (const piece of piecesOf(source, format, options, keys)) {
    const record = "kind" in piece ? piece : parse(piece);
    if (record) yield record;
    if (record?.kind === "defect" && record.endsReading) return;
  }
}

/** A record that says from which of several files it is. */
function withSource(record: SeedRecord, source: string): SeedRecord {
  if (record.kind === "item") return { ...record, source };
  return { ...record, defects: record.defects.map((defect) => ({ source, ...defect })) };
}

/**
 * Reads a seed file, or several, one record an item or defective piece, in constant memory: JSON lines, a
 * JSON list, JSON objects one behind the other, plain or as DynamoDB JSON, CSV and TSV with types in the
 * header. In JSON lines a line that is no JSON is one defect; elsewhere the reading of the file ends with
 * what cannot be divided, as nobody can tell where the next item begins.
 * @throws {SeedFileError} when a file cannot be read.
 * @throws {SeedFormatError} when it cannot be told how it is written.
 */
export async function* readSeedFile(
  input: string | SeedInput,
  keys: TableKeys,
  { signal, onBytes }: ReadBytesOptions = {},
): AsyncGenerator<SeedRecord> {
  const { files, format, descriptors }: SeedInput = typeof input === "string" ? { files: [input] } : input;
  let bytesBefore = 0;
  for (const file of files) {
    let bytes = 0;
    const count = (read: number) => {
      bytes = read;
      onBytes?.(bytesBefore + read);
    };
    const source = { file, descriptor: descriptors?.get(file) };
    for await (const record of readOne(source, format, keys, { signal, onBytes: count }))
      yield files.length > 1 ? withSource(record, file) : record;
    bytesBefore += bytes;
  }
}
