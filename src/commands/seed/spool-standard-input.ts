import { randomUUID } from "node:crypto";
import { createWriteStream, openSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { CommandContext } from "../context.ts";

/** How messages and places call standard input. */
export const STANDARD_INPUT = "standard input";

/** Makes a file that only this process can reach: it has lost its name before anything is in it. */
function openNameless(folder: string): number {
  const path = join(folder, `tablewright-${randomUUID()}`);
  const descriptor = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return descriptor;
}

/**
 * Copies standard input to a temporary file without a name, as a load reads its items several times. The
 * system frees the file with the last descriptor, so it is gone on every way out, SIGKILL included.
 * @returns the file's descriptor, open until the process ends
 * @throws {SpoolError} where the file cannot be written, as on a full disk.
 * @throws {SeedFileError} where standard input cannot be read.
 */
export async function spoolStandardInput({
  log,
  signal,
}: Pick<CommandContext, "log" | "signal">): Promise<number> {
  const { SeedFileError, SpoolError } = await import("../../seed/errors.ts");
  if (process.stdin.isTTY) log.info("reading items from the terminal; Ctrl-D ends them");
  const folder = tmpdir();
  try {
    const descriptor = openNameless(folder);
    await pipeline(process.stdin, createWriteStream("", { fd: descriptor, autoClose: false }), { signal });
    return descriptor;
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).syscall === "read") throw new SeedFileError(STANDARD_INPUT, error);
    throw new SpoolError(folder, error);
  }
}
