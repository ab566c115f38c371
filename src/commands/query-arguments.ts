import { readFile } from "node:fs/promises";
import { text as readStream } from "node:stream/consumers";
import { UsageError } from "../errors.ts";
import type { AnyAccessPattern } from "../query/access-pattern.ts";
import { inputFromOptions, type TypedOptions } from "../query/option-values.ts";
import { checkInput, inputError } from "../query/parse-input.ts";
import { type OptionKind, optionsOf, type PatternOption } from "../query/pattern-options.ts";
import { RESERVED_OPTION_NAMES } from "../query/reserved-option-names.ts";
import { closest } from "./closest.ts";

// Reserved for other commands or for updates: known here only where the pattern itself has them.
const NOT_FOR_EVERY_PATTERN = ["dry-run", "set", "unset"];
const OF_THE_COMMAND = RESERVED_OPTION_NAMES.filter((name) => !NOT_FOR_EVERY_PATTERN.includes(name));

const camelCase = (name: string) => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const VALUE_HINTS: Readonly<Record<OptionKind, string>> = {
  text: "",
  number: "a number",
  boolean: "true or false",
  list: "repeat for more",
  attributes: "name=value, repeat for more",
  document: "only with --input",
};

/** What `--help` says of an option: meaning, form, choices, default, whether it must be given. */
export function describeOption(option: PatternOption): string {
  const { type, kind, required, describe } = option;
  const choices = type.enum ?? (kind === "list" ? type.items?.enum : undefined);
  const showDefault = kind === "text" || kind === "number" || kind === "boolean";
  const notes = [
    required ? "required" : "",
    describe.includes("repeat") ? "" : VALUE_HINTS[kind],
    choices && !choices.some((choice) => describe.includes(String(choice))) ? choices.join(" | ") : "",
    showDefault && type.default !== undefined && !describe.includes("default:")
      ? `default: ${String(type.default)}`
      : "",
  ].filter(Boolean);
  return notes.length > 0 ? `${describe} [${notes.join("; ")}]` : describe;
}

/** Words and options that the command line has and the pattern does not know, each as a mistake. */
function strayArguments(typed: TypedOptions, options: readonly PatternOption[]): string[] {
  const names = options.map(({ name }) => name);
  const known = new Set(["_", "$0", "pattern", "h"]);
  for (const name of [...OF_THE_COMMAND, ...names]) known.add(name).add(camelCase(name));
  const words = (typed._ as unknown[] | undefined) ?? [];
  const strayWords = words.slice(1).map((word) => `unexpected word ${JSON.stringify(String(word))}`);
  const keys = Object.keys(typed);
  const strayOptions = keys
    // yargs gives every option of two words twice, the second time in camel case.
    .filter((key) => !known.has(key) && !keys.some((other) => other !== key && camelCase(other) === key))
    .map((key) => {
      if (key === "dry-run") return "--dry-run: a pattern is sent as it is, and has no plan to show";
      const meant = closest(key, [...names, ...OF_THE_COMMAND]);
      return `--${key}: there is no such option${meant ? `; did you mean --${meant}?` : ""}`;
    });
  return [...strayWords, ...strayOptions];
}

/** Reads the JSON document of `--input`: a file, or standard input for `-`. */
async function readDocument(source: string): Promise<Record<string, unknown>> {
  const place = source === "-" ? "standard input" : source;
  const refuse = (problem: string, cause?: unknown) =>
    new UsageError({
      message: `--input: ${place} ${problem}`,
      next: 'Give one JSON object with the pattern\'s fields in camel case, such as {"username": "david25"}.',
      facts: { source },
      cause,
    });
  let text: string;
  try {
    text = source === "-" ? await readStream(process.stdin) : await readFile(source, "utf8");
  } catch (cause) {
    throw refuse(`cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw refuse(`is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw refuse("is not a JSON object");
  }
  return document as Record<string, unknown>;
}

/**
 * Makes a pattern's input of what stands on the command line and in the document of `--input`; a field
 * given in both is taken from the command line.
 * @throws {UsageError} naming every mistake at once: unknown options, missing and wrong values.
 */
export async function readArguments(
  pattern: AnyAccessPattern,
  typed: TypedOptions,
): Promise<Record<string, unknown>> {
  const options = optionsOf(pattern);
  const document = typed.input === undefined ? {} : await readDocument(String(typed.input));
  const assembled = inputFromOptions(options, typed, document);
  const nameField = (field: string) => `--${options.find((option) => option.field === field)?.name ?? field}`;
  const checked = checkInput(pattern, assembled.input, nameField);
  const mistakes = [...strayArguments(typed, options), ...assembled.mistakes, ...checked.mistakes];
  if (checked.input === undefined || mistakes.length > 0) throw inputError(pattern, mistakes);
  return checked.input;
}
