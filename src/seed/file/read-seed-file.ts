import { createLineParser } from "./parse-line.ts";
import { type ReadOptions, readLines } from "./read-lines.ts";
import type { SeedRecord, TableKeys } from "./records.ts";

/**
 * Reads a JSON-lines seed file, one record a line that is not blank, in constant memory.
 * @throws {SeedFileError} when the file cannot be read.
 */
export async function* readSeedFile(
  file: string,
  keys: TableKeys,
  options: ReadOptions = {},
): AsyncGenerator<SeedRecord> {
  const parseLine = createLineParser(keys);
  for await (const line of readLines(file, options)) {
    const record = parseLine(line);
    if (record) yield record;
  }
}
