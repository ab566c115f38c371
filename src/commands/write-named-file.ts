import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { Log } from "../log.ts";

/** What is written, for messages: "JUnit report", the option that names the file: "junit", and who hears of it. */
export interface NamedFile {
  readonly what: string;
  readonly option: string;
  readonly log: Log;
}

/** An error of the file system. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error;

/**
 * Writes a file that the command line names, and says which folder above it was made first.
 * @param write writes it, once there is a folder for it
 * @returns what `write` returns
 * @throws {UsageError} where it cannot be written, and whatever else `write` throws.
 */
export async function writeNamedFile<Written>(
  file: string,
  write: (path: string) => Promise<Written>,
  { what, option, log }: NamedFile,
): Promise<Written> {
  const path = resolve(file);
  try {
    const made = await mkdir(dirname(path), { recursive: true });
    if (made !== undefined) log.info(`made the folder ${made}`);
    return await write(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError({
      message: `cannot write the ${what}: ${error.message}`,
      next: `Name a file that can be written with --${option}.`,
      facts: { file },
      cause: error,
    });
  }
}
