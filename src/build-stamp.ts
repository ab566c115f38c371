import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** Where the build notes the hash of the sources it was made from, beside the compiled files. */
const STAMP_FILE = "build-stamp.json";

const entriesOf = (folder: string) => readdirSync(folder, { recursive: true, withFileTypes: true });

function sourceFiles(folder: string): string[] {
  return entriesOf(folder)
    .filter((entry) => entry.isFile() && /\.m?[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Whether anything below a folder was changed since: a file by its own time, one that came or went by its folder's. */
function isTouchedSince(folder: string, time: number): boolean {
  const below = entriesOf(folder).map((entry) => join(entry.parentPath, entry.name));
  // What is gone by now, or an editor's link to nowhere, has no time.
  return [folder, ...below].some((path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > time);
}

/** SHA-256 over the paths and contents of every source file below `sourceFolder`. */
export function hashSources(sourceFolder: string): string {
  const hash = createHash("sha256");
  for (const file of sourceFiles(sourceFolder)) {
    hash.update(relative(sourceFolder, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

/**
 * Says whether the compiled files in `distFolder` are older than the sources beside them.
 * A package installed without its sources, or run from its sources, is never stale.
 * Times are only the quick test: a checkout that touches a file without changing it is not stale.
 */
export function isBuildStale(distFolder: string, sourceFolder: string): boolean {
  const stampFile = join(distFolder, STAMP_FILE);
  if (!existsSync(stampFile) || !existsSync(sourceFolder)) return false;
  if (!isTouchedSince(sourceFolder, statSync(stampFile).mtimeMs)) return false;
  const stamp = JSON.parse(readFileSync(stampFile, "utf8")) as { sources: string };
  return stamp.sources !== hashSources(sourceFolder);
}
