import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError } from "../errors.ts";

/** What is written, for messages: "JUnit report", and the option that names the file: "junit". */
export interface ReportKind {
  readonly what: string;
  readonly option: string;
}

/**
 * Writes a file that the command line names, and the folders above it.
 * @throws {UsageError} where it cannot be written.
 */
export async function writeReport(file: string, text: string, { what, option }: ReportKind): Promise<void> {
  try {
    await mkdir(dirname(resolve(file)), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    throw new UsageError({
      message: `cannot write the ${what}: ${error instanceof Error ? error.message : String(error)}`,
      next: `Name a file that can be written with --${option}.`,
      facts: { file },
      cause: error,
    });
  }
}
