import { execFile } from "node:child_process";
import { promisify } from "node:util";

const DESCRIBE = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];

/**
 * The commit that a folder's files stand at, `-dirty` behind it where they differ from it; undefined outside
 * of a git repository, and where there is no git.
 */
export async function gitCommit(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("git", DESCRIBE, { cwd: folder, timeout: 10_000 });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
