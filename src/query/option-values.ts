import type { FieldType, PatternOption } from "./pattern-options.ts";

/** Option values as typed: the option's name to one text, or to several where it was repeated. */
export type TypedOptions = Readonly<Record<string, unknown>>;

/** An input put together from options, not yet checked by the schema, and what could not be read. */
export interface AssembledInput {
  readonly input: Record<string, unknown>;
  readonly mistakes: string[];
}

/** A text as the value its type wants; what does not read as one stays text, for the schema to refuse. */
function readText(text: string, type: FieldType | undefined): unknown {
  if (type?.type === "number" || type?.type === "integer") {
    return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
  }
  if (type?.type === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return text;
}

/** Reads what one field was given; an option of one value that is repeated is a mistake. */
function readValue(name: string, type: FieldType, texts: readonly string[], mistakes: string[]): unknown {
  if (type.type === "array") return texts.map((text) => readText(text, type.items));
  if (texts.length > 1) mistakes.push(`${name} is given ${texts.length} times`);
  return readText(texts[0] ?? "", type);
}

/** Reads `name=value` pairs; a list attribute repeats its pair. */
function readAttributes(option: PatternOption, texts: readonly string[], mistakes: string[]): unknown {
  const given = new Map<string, string[]>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1) mistakes.push(`--${option.name}: ${JSON.stringify(text)} is not name=value`);
    else {
      const name = text.slice(0, at);
      given.set(name, [...(given.get(name) ?? []), text.slice(at + 1)]);
    }
  }
  const entries = [...given].map(([name, values]) => {
    const type = option.type.properties?.[name] ?? {};
    return [name, readValue(`--${option.name} ${name}`, type, values, mistakes)];
  });
  // Defines the properties, so that an attribute called __proto__ is one.
  return Object.fromEntries(entries);
}

/**
 * Puts a pattern's input together from what was typed: repeated options become lists, `name=value` pairs
 * become attributes, digits become numbers where the field is one.
 * @param document an input given as JSON; what is typed wins over it, field by field
 */
export function inputFromOptions(
  options: readonly PatternOption[],
  typed: TypedOptions,
  document: Readonly<Record<string, unknown>> = {},
): AssembledInput {
  const input: Record<string, unknown> = { ...document };
  const mistakes: string[] = [];
  for (const option of options) {
    const value = typed[option.name];
    if (value === undefined) continue;
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    if (option.kind === "document") mistakes.push(`--${option.name} can only be given with --input`);
    else if (option.kind === "attributes") input[option.field] = readAttributes(option, texts, mistakes);
    else input[option.field] = readValue(`--${option.name}`, option.type, texts, mistakes);
  }
  return { input, mistakes };
}
