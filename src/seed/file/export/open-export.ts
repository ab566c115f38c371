import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { DamagedExportError, type ExportMistake } from "../../errors.ts";
import { readBytes } from "../read-bytes.ts";
import { findExport } from "./find-export.ts";
import { type ManifestEntry, readManifest } from "./read-manifest.ts";

const LINE_FEED = 0x0a;

async function md5Of(file: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("md5");
  await pipeline(createReadStream(file), hash, { signal });
  return hash.digest("base64");
}

/** Items in a data file: its lines. The last one may lack its end. */
async function countItems(file: string, signal: AbortSignal | undefined): Promise<number> {
  let items = 0;
  let isInLine = false;
  for await (const chunk of readBytes({ file }, { signal })) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      if (isInLine || end > start) items += 1;
      isInLine = false;
      start = end + 1;
    }
    if (start < chunk.length) isInLine = true;
  }
  return isInLine ? items + 1 : items;
}

/** What is wrong with a data file: the first thing, as the others follow from it. */
async function mistakeIn(
  { path, itemCount, md5 }: ManifestEntry,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (!existsSync(path)) return "is in the manifest and is missing";
  try {
    if ((await md5Of(path, signal)) !== md5) return "has another MD5 than the manifest says";
    const counted = await countItems(path, signal);
    if (counted !== itemCount) return `has ${counted} items; the manifest says ${itemCount}`;
  } catch (error) {
    signal?.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
  return undefined;
}

/**
 * The data files of a full export, given its own folder or one that holds it alone, in the manifest's
 * order. Each is there with the MD5 and the number of items that the manifest says (S3DataExport.Output);
 * other files are left alone.
 * @throws {ExportFolderError} where there is no such export.
 * @throws {DamagedExportError} where it is not what its manifest says, with all that differs.
 */
export async function openExport(folder: string, signal?: AbortSignal): Promise<string[]> {
  const exportFolder = await findExport(folder);
  const { entries, mistakes } = readManifest(exportFolder);
  const found: ExportMistake[] = [...mistakes];
  for (const entry of entries) {
    const reason = await mistakeIn(entry, signal);
    if (reason !== undefined) found.push({ file: entry.path, reason });
  }
  if (found.length > 0) throw new DamagedExportError(exportFolder, found);
  return entries.map(({ path }) => path);
}
