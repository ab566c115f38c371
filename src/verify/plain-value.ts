import { inspect } from "node:util";

/** Whether a value is an object of attributes: no list, set, bytes or instance of a class. */
export const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** The same value with undefined attributes left out, at every depth; sets, bytes and dates as they are. */
export function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isPlainObject(value)) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutUndefined(member)]));
}

const ONE_LINE = {
  depth: null,
  breakLength: Number.POSITIVE_INFINITY,
  maxArrayLength: null,
  maxStringLength: null,
} as const;

/** A value as one line of text, equal where values are equal: attributes in the order of their names. */
export const canonicalText = (value: unknown): string => inspect(value, { ...ONE_LINE, sorted: true });

/** A value as one line of text for people: attributes in their own order, the key usually first. */
export const lineOf = (value: unknown): string => inspect(value, ONE_LINE);

/** One place at which two values differ. */
export interface ValueDifference {
  /** Attribute names joined by dots; empty for the value itself. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** The places at which two values differ, attribute by attribute. */
export function differencesOf(expected: unknown, actual: unknown, path = ""): ValueDifference[] {
  if (isPlainObject(expected) && isPlainObject(actual)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    return names.flatMap((name) =>
      differencesOf(expected[name], actual[name], path === "" ? name : `${path}.${name}`),
    );
  }
  return canonicalText(expected) === canonicalText(actual) ? [] : [{ path, expected, actual }];
}
