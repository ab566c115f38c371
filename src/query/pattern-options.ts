import { z } from "zod";
import type { AnyAccessPattern } from "./access-pattern.ts";

/** How a field of the input is written on a command line. */
export type OptionKind =
  /** One text. */
  | "text"
  | "number"
  | "boolean"
  /** The option repeated, one value each. */
  | "list"
  /** The option repeated, `name=value` each. */
  | "attributes"
  /** No form of its own: only by a JSON document. */
  | "document";

/** A field's type as JSON Schema states it; only the parts that are used here. */
export interface FieldType {
  readonly type?: string;
  readonly items?: FieldType;
  readonly properties?: Readonly<Record<string, FieldType>>;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
}

/** A field of a pattern's input as a command-line option. */
export interface PatternOption {
  /** The field's name in the library: `reactingUser`. */
  readonly field: string;
  /** The option's name, without dashes: `reacting-user`. */
  readonly name: string;
  readonly kind: OptionKind;
  readonly required: boolean;
  readonly describe: string;
  readonly type: FieldType;
}

/** `reactingUser` as it stands on a command line: `reacting-user`. */
export function kebabCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const isPlain = (type: FieldType | undefined) =>
  type?.type === "string" || type?.type === "number" || type?.type === "integer" || type?.type === "boolean";

function kindOf(type: FieldType): OptionKind {
  if (type.type === "string") return "text";
  if (type.type === "number" || type.type === "integer") return "number";
  if (type.type === "boolean") return "boolean";
  if (type.type === "array" && isPlain(type.items)) return "list";
  if (type.type === "object" && type.properties) return "attributes";
  return "document";
}

/** The options of an access pattern, derived from its input schema, in the schema's order. */
export function optionsOf(pattern: Pick<AnyAccessPattern, "input">): PatternOption[] {
  // What JSON Schema cannot say, such as a refinement, is left to the schema itself.
  const document = z.toJSONSchema(pattern.input, { io: "input", unrepresentable: "any" });
  const required = new Set(document.required ?? []);
  return Object.entries((document.properties ?? {}) as Record<string, FieldType>).map(([field, type]) => ({
    field,
    name: kebabCase(field),
    kind: kindOf(type),
    required: required.has(field),
    describe: type.description ?? "",
    type,
  }));
}
