import { isDeepStrictEqual } from "node:util";
import type { PlainItem } from "../../query/oracle.ts";
import { isPlainObject } from "../plain-value.ts";

/** A value of an item, by the names that lead to it. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The values of an item or map at every depth; a list, a set or an empty map is one value. */
export function leavesOf(value: unknown, path: readonly string[] = []): Leaf[] {
  if (!isPlainObject(value) || (path.length > 0 && Object.keys(value).length === 0)) return [{ path, value }];
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .flatMap(([name, member]) => leavesOf(member, [...path, name]));
}

/** A path as people read it: `reactions.heart`. */
export const pathText = (path: readonly string[]): string => path.join(".");

/** The value that a path leads to; undefined where there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isPlainObject(inner) ? inner[name] : undefined), value);
}

/** The same item with another value at a path; `undefined` takes the attribute away. */
export function withValueAt(item: PlainItem, path: readonly string[], value: unknown): PlainItem {
  const [name = "", ...rest] = path;
  if (rest.length > 0) {
    const inner = item[name];
    return isPlainObject(inner) ? { ...item, [name]: withValueAt(inner, rest, value) } : item;
  }
  if (value !== undefined) return { ...item, [name]: value };
  const { [name]: _left, ...others } = item;
  return others;
}

/**
 * Another value of the same kind: one of `others` that differs, as it may stand where this one does, or this one
 * changed a little; a number is off by one.
 */
export function alter(value: unknown, others: readonly unknown[] = []): unknown {
  if (typeof value === "number" || typeof value === "bigint") return Number(value) + 1;
  const other = others.find((candidate) => candidate !== undefined && !isDeepStrictEqual(candidate, value));
  if (other !== undefined) return other;
  if (typeof value === "string") return `${value}~`;
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return value.length > 0 ? value.slice(0, -1) : ["~"];
  if (value instanceof Uint8Array) return Uint8Array.from([...value, 0]);
  if (value instanceof Set) return new Set([...value, typeof [...value][0] === "number" ? -1 : "~"]);
  return "~";
}
