import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { ExportFolderError, type ExportMistake } from "../../errors.ts";
import { SUMMARY } from "./find-export.ts";

const FILES = "manifest-files.json";
/** What AWS's guide calls `.checksum` is `.md5` in exports as they are. */
const CHECKSUM_ENDINGS = [".md5", ".checksum"];

const summarySchema = z.object({
  outputFormat: z.string(),
  itemCount: z.int().nonnegative(),
  /** FULL_EXPORT or INCREMENTAL_EXPORT; older full exports lack it. */
  exportType: z.string().optional(),
});

const dataFileSchema = z.object({
  itemCount: z.int().nonnegative(),
  md5Checksum: z.string(),
  dataFileS3Key: z.string(),
});

/** A data file as the manifest has it. */
export interface ManifestEntry {
  readonly path: string;
  readonly itemCount: number;
  /** In base64. */
  readonly md5: string;
}

/** What an export's manifest says, and what is wrong with it. */
export interface Manifest {
  readonly entries: readonly ManifestEntry[];
  readonly mistakes: readonly ExportMistake[];
}

function parsed<T>(schema: z.ZodType<T>, text: string): { value: T } | { reason: string } {
  try {
    const result = schema.safeParse(JSON.parse(text));
    if (result.success) return { value: result.data };
    return { reason: z.prettifyError(result.error).replaceAll("\n", " ") };
  } catch (error) {
    return { reason: `is not JSON: ${(error as Error).message}` };
  }
}

/** Reads a file of the manifest and holds it against its checksum file, where that is there. */
function readChecked(file: string, mistakes: ExportMistake[]): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    mistakes.push({ file, reason: `cannot be read: ${(error as Error).message}` });
    return undefined;
  }
  const sum = createHash("md5").update(bytes).digest();
  const checksumFile = CHECKSUM_ENDINGS.map((ending) => file.replace(/\.json$/, ending)).find(existsSync);
  const stated = checksumFile === undefined ? undefined : readFileSync(checksumFile, "utf8").trim();
  if (stated !== undefined && stated !== sum.toString("base64") && stated !== sum.toString("hex"))
    mistakes.push({ file, reason: `has another MD5 than ${basename(checksumFile ?? "")} says` });
  return bytes.toString("utf8");
}

function readSummary(folder: string, mistakes: ExportMistake[]): { itemCount: number } | undefined {
  const file = join(folder, SUMMARY);
  const text = readChecked(file, mistakes);
  if (text === undefined) return undefined;
  const result = parsed(summarySchema, text);
  if ("reason" in result) {
    mistakes.push({ file, reason: result.reason });
    return undefined;
  }
  const { outputFormat, itemCount, exportType } = result.value;
  const next = "Export the full table in DynamoDB JSON.";
  if (exportType !== undefined && exportType !== "FULL_EXPORT")
    throw new ExportFolderError(folder, { reason: `is an incremental export, which is not read`, next });
  if (outputFormat !== "DYNAMODB_JSON")
    throw new ExportFolderError(folder, {
      reason: `is an export in ${outputFormat}, which is not read`,
      next,
    });
  return { itemCount };
}

function readEntries(folder: string, mistakes: ExportMistake[]): ManifestEntry[] {
  const file = join(folder, FILES);
  const lines = readChecked(file, mistakes)?.split("\n") ?? [];
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const result = parsed(dataFileSchema, line);
    if ("value" in result) {
      const { itemCount, md5Checksum: md5, dataFileS3Key } = result.value;
      return [{ path: join(folder, "data", basename(dataFileS3Key)), itemCount, md5 }];
    }
    mistakes.push({ file: `${file}:${index + 1}`, reason: result.reason });
    return [];
  });
}

/**
 * Reads an export's manifest: its summary and its list of data files (S3DataExport.Output).
 * @throws {ExportFolderError} for an export that is incremental or in Amazon Ion.
 */
export function readManifest(folder: string): Manifest {
  const mistakes: ExportMistake[] = [];
  const summary = readSummary(folder, mistakes);
  const entries = readEntries(folder, mistakes);
  const listed = entries.reduce((sum, { itemCount }) => sum + itemCount, 0);
  if (summary && mistakes.length === 0 && summary.itemCount !== listed)
    mistakes.push({
      file: join(folder, SUMMARY),
      reason: `says ${summary.itemCount} items; the files of ${FILES} have ${listed}`,
    });
  return { entries, mistakes };
}
