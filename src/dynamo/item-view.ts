import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { StoredItem } from "./scan.ts";

/** How what stands in items is shown to people: as it is, or hidden, where it is somebody's private data. */
export interface ItemView {
  /** A primary key: `USER#a / #METADATA#a`. */
  key(key: StoredItem): string;
  /** A value, as JSON text. */
  value(value: AttributeValue): string;
  /** Words that quote an item, such as those of an error that a migration's function threw. */
  words(text: string): string;
}

/** Longer values are cut: an example is to be read. */
const MOST_CHARACTERS = 200;

const cut = (text: string) => (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text);

/** One that JavaScript would round stays text. */
const exactNumber = (text: string): number | string => (String(Number(text)) === text ? Number(text) : text);

function toJson(value: unknown): unknown {
  if (value instanceof Set) return [...value].map(toJson);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toJson(inner)]));
}

const keyPart = (value: AttributeValue) =>
  value.S ?? value.N ?? (value.B ? Buffer.from(value.B).toString("base64") : "?");

/** Shows everything. */
export const OPEN_VIEW: ItemView = {
  key: (key) => Object.values(key).map(keyPart).join(" / "),
  value(value) {
    // A number has up to 38 digits: as text it stays as it is.
    if (value.N !== undefined) return value.N;
    return cut(JSON.stringify(toJson(unmarshall({ value }, { wrapNumbers: exactNumber }).value)));
  },
  words: (text) => text,
};

const KINDS: Readonly<Record<string, string>> = {
  S: "string",
  N: "number",
  B: "binary",
  BOOL: "boolean",
  NULL: "null",
  M: "map",
  L: "list",
  SS: "string set",
  NS: "number set",
  BS: "binary set",
};

const kindOf = (value: AttributeValue) => KINDS[Object.keys(value)[0] ?? ""] ?? "unknown";

/** Shows names and kinds of values, and no value. */
export const REDACTED_VIEW: ItemView = {
  key: (key) =>
    Object.entries(key)
      .map(([name, value]) => `${name} <${kindOf(value)}>`)
      .join(" / "),
  value: (value) => `<${kindOf(value)}>`,
  words: () => "(hidden by --redact)",
};

/** @param redact hide what stands in items */
export const itemView = (redact: boolean): ItemView => (redact ? REDACTED_VIEW : OPEN_VIEW);
