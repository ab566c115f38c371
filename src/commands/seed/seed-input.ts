import type { Argv } from "yargs";
import { UsageError } from "../../errors.ts";
import { SEED_FORMATS, type SeedFormat } from "../../seed/file/formats.ts";
import type { SeedInput } from "../../seed/file/read-seed-file.ts";
import type { CommandContext } from "../context.ts";
import { seedFilePath } from "./seed-file.ts";

/** What the command line says of the files to read. */
export interface SeedInputOptions {
  readonly files?: readonly string[] | undefined;
  readonly format?: SeedFormat | undefined;
}

/** The files to read, and how messages call them. */
export interface OpenInput {
  readonly input: SeedInput;
  readonly shown: string;
}

/** Adds the positional `[files..]` and `--format`. */
export function defineSeedInput<T>(yargs: Argv<T>) {
  return yargs
    .positional("files", {
      type: "string",
      array: true,
      describe: "files or globs of items; default seeds/<model>/items.json",
    })
    .option("format", {
      choices: SEED_FORMATS,
      describe: "how the files are written; default: told by their content",
      requiresArg: true,
    });
}

/** The files that a pattern names: itself, where there is such a file, or what it matches, by name. */
async function filesOf(pattern: string): Promise<string[]> {
  const { existsSync } = await import("node:fs");
  if (existsSync(pattern)) return [pattern];
  const { glob, isDynamicPattern } = await import("tinyglobby");
  if (!isDynamicPattern(pattern)) return [pattern];
  const matched = (await glob(pattern, { expandDirectories: false, dot: false })).sort();
  if (matched.length > 0) return matched;
  throw new UsageError({
    message: `no file matches ${pattern}`,
    next: "Name files that are there; quote a glob so that the shell leaves it alone.",
    facts: { pattern },
  });
}

/** Finds the files that the command line names. @throws {UsageError} for a glob without a match. */
export async function openSeedInput(
  context: Pick<CommandContext, "project" | "options">,
  { files: named = [], format }: SeedInputOptions,
): Promise<OpenInput> {
  const patterns = named.length === 0 ? [undefined] : named;
  const found = await Promise.all(
    patterns.map(async (pattern) => (pattern === undefined ? [undefined] : filesOf(pattern))),
  );
  const files = found.flat().map((file) => seedFilePath(context, file));
  const [first] = files;
  if (first && files.length === 1) return { input: { files: [first.path], format }, shown: first.shown };
  // Several files go by the names that messages have for them.
  const names = [...new Set(files.map(({ shown }) => shown))];
  return { input: { files: names, format }, shown: `${names[0]} and ${names.length - 1} more` };
}
