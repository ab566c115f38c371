import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** Where the build notes the hash of the sources it was made from, beside the compiled files. */
const STAMP_FILE = "build-stamp.json";

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
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
 * File times are only the quick test: a checkout that touches a file without changing it is not stale.
 */
export function isBuildStale(distFolder: string, sourceFolder: string): boolean {
  const stampFile = join(distFolder, STAMP_FILE);
  if (!existsSync(stampFile) || !existsSync(sourceFolder)) return false;
  const builtAt = statSync(stampFile).mtimeMs;
  const files = sourceFiles(sourceFolder);
  if (files.every((file) => statSync(file).mtimeMs <= builtAt)) return false;
  const stamp = JSON.parse(readFileSync(stampFile, "utf8")) as { sources: string };
  return stamp.sources !== hashSources(sourceFolder);
}
