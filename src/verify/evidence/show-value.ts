import { masked, maskedRequest } from "../masked.ts";
import type { JsonValue } from "./evidence.ts";

/** Longer texts and lists are cut: evidence is to be read, and kept for many runs. */
const MOST_CHARACTERS = 300;
const MOST_ELEMENTS = 30;

const cut = (text: string) => (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text);

function shortList(list: readonly unknown[]): JsonValue[] {
  const shown = list.slice(0, MOST_ELEMENTS).map(toJson);
  const hidden = list.length - shown.length;
  return hidden > 0 ? [...shown, `and ${hidden} more`] : shown;
}

function toJson(value: unknown): JsonValue {
  if (typeof value === "string") return cut(value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return cut(Buffer.from(value).toString("base64"));
  if (value instanceof Set) return shortList([...value]);
  if (Array.isArray(value)) return shortList(value);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toJson(member)]));
}

/**
 * A value as evidence shows it.
 * @param redact show the kinds of its leaves only
 */
export const showValue = (value: unknown, redact: boolean): JsonValue =>
  toJson(redact ? masked(value) : value);

/** A request's input as evidence shows it; with `redact` without what stands in items. */
export const showRequest = (input: object, redact: boolean): JsonValue =>
  toJson(redact ? maskedRequest(input) : input);
