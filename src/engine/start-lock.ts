import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { sleep } from "../dynamo/backoff.ts";
import { isAlive } from "./process.ts";

/** Longer than an engine may take to start, so that an older lock was left behind. */
const LONGEST_START_MS = 60_000;

function isTaken(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return true;
    throw error;
  }
}

/** True for the lock of a process that was killed. */
function isLeftBehind(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    // Empty: its holder has made it and not written to it yet.
    if (pid !== 0 && !isAlive(pid)) return true;
    return Date.now() - statSync(file).mtimeMs > LONGEST_START_MS;
  } catch {
    return false;
  }
}

/**
 * Does work that only one process may do at a time; the others wait until it is done.
 * @param file the lock: it is there as long as the work lasts
 * @throws what making the file and `work` throw
 */
export async function withStartLock<T>(
  file: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  while (isTaken(file)) {
    if (isLeftBehind(file)) rmSync(file, { force: true });
    else await sleep(50, signal);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
