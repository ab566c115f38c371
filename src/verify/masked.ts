import { isPlainObject, lineOf } from "./plain-value.ts";

const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (value instanceof Set) return "set";
  return value instanceof Uint8Array ? "binary" : typeof value;
};

/** The same value with every leaf replaced by its kind, such as `<string>`: names of attributes stay. */
export function masked(value: unknown): unknown {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.map(masked);
  if (!isPlainObject(value)) return `<${kindOf(value)}>`;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]));
}

/** A value as one line of text for people, with kinds in the place of its leaves. */
export const maskedLine = (value: unknown): string => lineOf(masked(value)).replaceAll("'", "");

/** The parts of a request that hold what stands in items. */
const ITEM_DATA: ReadonlySet<string> = new Set([
  "ExclusiveStartKey",
  "ExpressionAttributeValues",
  "Item",
  "Key",
  "Keys",
]);

/** A request's input with what stands in items masked; its expressions and names stay. */
export function maskedRequest(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskedRequest);
  if (!isPlainObject(value)) return value;
  const mask = ([name, member]: [string, unknown]) => [
    name,
    ITEM_DATA.has(name) ? masked(member) : maskedRequest(member),
  ];
  return Object.fromEntries(Object.entries(value).map(mask));
}
