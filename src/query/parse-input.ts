import type { z } from "zod";
import { UsageError } from "../errors.ts";
import type { AnyAccessPattern } from "./access-pattern.ts";

type Issue = z.core.$ZodIssue;
type RawInput = Readonly<Record<string, unknown>>;

/** How a field is named in messages. */
export type NameField = (field: string) => string;

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[step];
  return value;
}

/** One complaint of a schema as a line with its place: `--set birthdate: must be a date such as …`. */
function describeIssue(issue: Issue, input: RawInput, nameField: NameField): string {
  const [field, ...rest] = issue.path;
  const place = field === undefined ? "" : [nameField(String(field)), ...rest.map(String)].join(" ");
  if (issue.code === "unrecognized_keys") {
    const names = issue.keys.map((key) => JSON.stringify(key)).join(", ");
    return place ? `${place}: knows no ${names}` : `the input knows no ${names}`;
  }
  if (issue.code === "invalid_type" && valueAt(input, issue.path) === undefined)
    return `${place} is required`;
  return place ? `${place}: ${issue.message}` : issue.message;
}

/** What is wrong with an input, and the input itself where nothing is. */
export type CheckedInput =
  | { readonly input: Record<string, unknown>; readonly mistakes: readonly [] }
  | { readonly input: undefined; readonly mistakes: readonly string[] };

/** Checks an input against a pattern's schema and finds every mistake. */
export function checkInput(
  pattern: AnyAccessPattern,
  input: RawInput,
  nameField: NameField = (field) => field,
): CheckedInput {
  const parsed = pattern.input.safeParse(input) as z.ZodSafeParseResult<Record<string, unknown>>;
  if (parsed.success) return { input: parsed.data, mistakes: [] };
  return {
    input: undefined,
    mistakes: parsed.error.issues.map((issue) => describeIssue(issue, input, nameField)),
  };
}

/** The error that names every mistake of an input at once. */
export function inputError(pattern: AnyAccessPattern, mistakes: readonly string[]): UsageError {
  const [only = ""] = mistakes;
  const several = `${mistakes.length} mistakes in the input of ${pattern.id}\n  ${mistakes.join("\n  ")}`;
  return new UsageError({
    message: mistakes.length > 1 ? several : `${pattern.id}: ${only}`,
    next: `See \`tablewright query ${pattern.id} --help\`.`,
    facts: { pattern: pattern.id, mistakes },
  });
}

/**
 * Checks an input and returns it as the pattern takes it, defaults filled in.
 * @throws {UsageError} naming every mistake at once.
 */
export function parseInput(pattern: AnyAccessPattern, input: RawInput): Record<string, unknown> {
  const checked = checkInput(pattern, input);
  if (checked.input === undefined) throw inputError(pattern, checked.mistakes);
  return checked.input;
}
