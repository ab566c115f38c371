import { fstatSync, statSync } from "node:fs";
import type { Argv } from "yargs";
import { UsageError } from "../../errors.ts";
import { requireModel } from "../../project/models.ts";
import { DUPLICATE_POLICIES, type DuplicatePolicy } from "../../seed/file/duplicates/policies.ts";
import { SEED_FORMATS, type SeedFormat } from "../../seed/file/formats.ts";
import type { SeedInput } from "../../seed/file/read-seed-file.ts";
import type { CommandContext } from "../context.ts";
import { type SeedFilePath, seedFilePath } from "./seed-file.ts";
import { STANDARD_INPUT, spoolStandardInput } from "./spool-standard-input.ts";

/** How the command line names standard input. */
const STANDARD_INPUT_WORD = "-";

/** What finding the files needs of a command's context. */
type InputContext = Pick<CommandContext, "project" | "options" | "log" | "signal">;

/** What the command line says of the files to read. */
export interface SeedInputOptions {
  readonly files?: readonly string[] | undefined;
  readonly format?: SeedFormat | undefined;
  readonly duplicates?: DuplicatePolicy | undefined;
}

/** The files to read, and how messages call them. */
export interface OpenInput {
  readonly input: SeedInput;
  readonly shown: string;
  readonly duplicates?: DuplicatePolicy | undefined;
}

/** Adds the positional `[files..]`, `--format` and `--duplicates`. */
export function defineSeedInput<T>(yargs: Argv<T>) {
  return yargs
    .positional("files", {
      type: "string",
      array: true,
      describe: "files, globs, export folders, or - for standard input; default seeds/<model>/items.json",
    })
    .option("format", {
      choices: SEED_FORMATS,
      describe: "how the files are written; default: told by their content",
      requiresArg: true,
    })
    .option("duplicates", {
      choices: DUPLICATE_POLICIES,
      describe: "items with one key: refuse, take the first or the last, leave out equal ones; default error",
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

/** Files that one word of the command line names, and how messages call all of them. */
interface NamedFiles {
  readonly files: readonly SeedFilePath[];
  readonly shown?: string;
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

async function namedFiles(context: InputContext, word: string | undefined): Promise<NamedFiles> {
  if (word === STANDARD_INPUT_WORD) return { files: [{ path: STANDARD_INPUT, shown: STANDARD_INPUT }] };
  if (word !== undefined && isFolder(word)) {
    const { openExport } = await import("../../seed/file/export/open-export.ts");
    const { shown } = seedFilePath(context, word);
    const files = await openExport(shown, context.signal);
    return { files: files.map((file) => seedFilePath(context, file)), shown };
  }
  const files = word === undefined ? [undefined] : await filesOf(word);
  return { files: files.map((file) => seedFilePath(context, file)) };
}

/** Opens standard input, where it is named. @throws {UsageError} where it is named twice. */
async function openDescriptors(context: InputContext, words: readonly string[]) {
  const count = words.filter((word) => word === STANDARD_INPUT_WORD).length;
  if (count === 0) return undefined;
  if (count > 1)
    throw new UsageError({
      message: "standard input is named twice: it can be read once",
      next: `Leave one ${STANDARD_INPUT_WORD} out.`,
      facts: { count },
    });
  return new Map([[STANDARD_INPUT, await spoolStandardInput(context)]]);
}

/** How messages call files together: by the one word that named them, where it has a name for them. */
function shownTogether(files: readonly SeedFilePath[], named: readonly NamedFiles[]): string {
  const [first, ...others] = files;
  const together = named.length === 1 ? named[0]?.shown : undefined;
  if (first && others.length === 0) return first.shown;
  return together ?? `${first?.shown} and ${others.length} more`;
}

/**
 * Finds the files that the command line names: files, globs, folders of exports, `-` for standard input.
 * @throws {UsageError} for a glob without a match.
 * @throws {ModelNotFoundError} where none is named and there is no such model, whose file it would be.
 * @throws {ExportFolderError} {@link DamagedExportError} for a folder that is no sound export.
 * @throws {SpoolError} where standard input cannot be kept.
 */
export async function openSeedInput(
  context: InputContext,
  { files: words = [], format, duplicates }: SeedInputOptions,
): Promise<OpenInput> {
  if (words.length === 0) requireModel(context.project, context.options.table);
  const patterns = words.length === 0 ? [undefined] : words;
  const named = await Promise.all(patterns.map((word) => namedFiles(context, word)));
  const descriptors = await openDescriptors(context, words);
  const found = named.flatMap(({ files }) => files);
  const files = [...new Map(found.map((file) => [file.shown, file])).values()];
  const [first] = files;
  // Several files go by the names that messages have for them.
  const names = first && files.length === 1 ? [first.path] : files.map(({ shown }) => shown);
  return { input: { files: names, format, descriptors }, shown: shownTogether(files, named), duplicates };
}

/** The files' size together, which also says that they are there. */
export async function sizeOf({ input, shown }: OpenInput): Promise<number> {
  try {
    return input.files.reduce((bytes, file) => {
      const descriptor = input.descriptors?.get(file);
      return bytes + (descriptor === undefined ? statSync(file) : fstatSync(descriptor)).size;
    }, 0);
  } catch (error) {
    const { SeedFileError } = await import("../../seed/errors.ts");
    throw new SeedFileError(shown, error);
  }
}
