import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { glob } from "tinyglobby";
import { ExportFolderError } from "../../errors.ts";

/** The file by which an export's own folder is known (S3DataExport.Output, "Manifest files"). */
export const SUMMARY = "manifest-summary.json";
/** Folders below the one that is named: an export's prefix, `AWSDynamoDB`, the export's id, and one to spare. */
const MOST_FOLDERS_BELOW = 4;

/**
 * The folder of the one export that a folder is or holds.
 * @throws {ExportFolderError} where it holds none, or several.
 */
export async function findExport(folder: string): Promise<string> {
  if (existsSync(join(folder, SUMMARY))) return folder;
  const found = await glob(`**/${SUMMARY}`, { cwd: folder, deep: MOST_FOLDERS_BELOW });
  const [first] = found;
  if (first !== undefined && found.length === 1) return join(folder, dirname(first));
  if (first === undefined)
    throw new ExportFolderError(folder, {
      reason: `is a folder without an export: there is no ${SUMMARY} in it`,
      next: `For files that are no export, name a glob: '${join(folder, "*.json")}'.`,
    });
  const exports = found.map((file) => join(folder, dirname(file))).sort();
  throw new ExportFolderError(folder, {
    reason: `holds ${exports.length} exports: ${exports.join(", ")}`,
    next: "Name one of them.",
  });
}
