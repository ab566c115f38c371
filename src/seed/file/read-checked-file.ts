import { SeedFileChangedError } from "../errors.ts";
import type { CheckReport } from "./check-seed-file.ts";
import { withoutSuperseded } from "./duplicates/superseded.ts";
import type { ReadBytesOptions } from "./read-bytes.ts";
import { filesOf, readSeedChunks, type SeedInput } from "./read-seed-file.ts";
import type { SeedRecord, TableKeys } from "./records.ts";
import { hasSameContent, SourceHash } from "./source-hash.ts";

/**
 * The records of a checked file, as `readSeedChunks` has them. What the check found, such as which records are left
 * out, is true of those bytes only: their number says too little.
 * @throws {SeedFileChangedError} behind the last record, where they are not what was checked.
 */
export async function* readCheckedChunks(
  file: string | SeedInput,
  keys: TableKeys,
  { source, content }: Pick<CheckReport, "source" | "content">,
  options: Omit<ReadBytesOptions, "onChunk"> = {},
): AsyncGenerator<Iterable<SeedRecord>> {
  const read = new SourceHash(filesOf(file));
  yield* readSeedChunks(file, keys, { ...options, onChunk: read.add });
  if (!hasSameContent(content, read.files())) throw new SeedFileChangedError(source);
}

/** The records of a checked file that are to be in the table: those of {@link readCheckedFile} but the superseded ones. */
export const readKeptFile = (
  file: string | SeedInput,
  keys: TableKeys,
  checked: Pick<CheckReport, "source" | "content" | "superseded">,
  options: Omit<ReadBytesOptions, "onChunk"> = {},
): AsyncGenerator<SeedRecord> =>
  withoutSuperseded(readCheckedFile(file, keys, checked, options), checked.superseded);

/** The records of {@link readCheckedChunks}, one after the other. */
export async function* readCheckedFile(
  ...of: Parameters<typeof readCheckedChunks>
): AsyncGenerator<SeedRecord> {
  for await (const records of readCheckedChunks(...of)) yield* records;
}
