import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalNumber, canonicalValue } from "../../dynamo/canonical-item.ts";
import {
  MAX_NESTING_DEPTH,
  MAX_NUMBER_DIGITS,
  MAX_NUMBER_EXPONENT,
  MIN_NUMBER_EXPONENT,
} from "../../dynamo/limits.ts";
import type { StoredItem } from "../../dynamo/scan.ts";

/** A JSON number as it is written: JavaScript's numbers hold 15 to 17 of DynamoDB's 38 digits. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Called with what DynamoDB would refuse: the path of the value inside the item, and why. */
export type Refusal = (path: readonly string[], reason: string) => void;

/** Makes an attribute value of something that stands in a file at a path of its item. */
export type ToAttribute = (value: unknown, path: readonly string[], refuse: Refusal) => AttributeValue;

// With the flag `u` a pair of surrogates is one character: this finds halves that stand alone.
const LONE_SURROGATE = /\p{Surrogate}/u;
const NOT_UNICODE = "is not valid Unicode (half of a surrogate pair)";
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const ELEMENTS = { SS: "strings", NS: "numbers as strings", BS: "base64 texts" } as const;

/** The types of sets. */
export type SetType = keyof typeof ELEMENTS;

/** Whether a parsed JSON value is an object: no list, no number and not null. */
export function isObject(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}

/** Why DynamoDB refuses a number, or undefined where it takes it. */
export function refusalOfNumber(text: string): string | undefined {
  if (!NUMBER.test(text)) return "is not a number in decimal digits";
  const [, digits = "", power = ""] = /^-?(\d+)e(.+)$/.exec(canonicalNumber(text)) ?? [];
  if (digits === "") return undefined;
  if (digits.length > MAX_NUMBER_DIGITS)
    return `is a number of ${digits.length} digits; DynamoDB keeps ${MAX_NUMBER_DIGITS}`;
  const exponent = Number(power) + digits.length - 1;
  if (exponent > MAX_NUMBER_EXPONENT || exponent < MIN_NUMBER_EXPONENT)
    return `is a number outside DynamoDB's range, 1e${MIN_NUMBER_EXPONENT} to 9.99e${MAX_NUMBER_EXPONENT}`;
  return undefined;
}

function refusalOfName(name: string): string | undefined {
  if (name === "") return "is an empty attribute name";
  // An object's prototype: the SDK would drop such an attribute without a word.
  if (name === "__proto__") return "is a name that JavaScript cannot carry";
  return LONE_SURROGATE.test(name) ? NOT_UNICODE : undefined;
}

/** A string; halves of surrogate pairs, which UTF-8 cannot spell, are refused. */
export function toText(text: string, path: readonly string[], refuse: Refusal): { S: string } {
  if (LONE_SURROGATE.test(text)) refuse(path, NOT_UNICODE);
  return { S: text };
}

/** A number in the digits that were given. */
export function toNumber(text: string, path: readonly string[], refuse: Refusal): { N: string } {
  const reason = refusalOfNumber(text);
  if (reason) refuse(path, reason);
  return { N: text };
}

/** Binary, of base64 with its padding (RFC 4648, section 4). */
export function toBinary(text: unknown, path: readonly string[], refuse: Refusal): { B: Uint8Array } {
  const bytes = typeof text === "string" ? Buffer.from(text, "base64") : undefined;
  if (bytes === undefined || bytes.toString("base64") !== text)
    refuse(path, "is not base64 with its padding");
  return { B: new Uint8Array(bytes ?? []) };
}

function toElement(type: SetType, value: unknown, path: readonly string[], refuse: Refusal): AttributeValue {
  if (type === "BS") return toBinary(value, path, refuse);
  if (typeof value !== "string") {
    refuse(path, `is not allowed there: the set takes ${ELEMENTS[type]}`);
    return { NULL: true };
  }
  return type === "SS" ? toText(value, path, refuse) : toNumber(value, path, refuse);
}

/**
 * A set: not empty, no element twice (API_PutItem; HowItWorks.NamingRulesDataTypes, "Sets"). Numbers are
 * one element where they are equal, however they are spelled.
 */
export function toSet(
  type: SetType,
  list: unknown,
  path: readonly string[],
  refuse: Refusal,
): AttributeValue {
  if (!Array.isArray(list) || list.length === 0) {
    refuse(path, Array.isArray(list) ? "is an empty set" : "is a set that is no list");
    return { NULL: true };
  }
  let isSound = true;
  const elements = list.map((value, index) =>
    toElement(type, value, [...path, `[${index}]`], (at, reason) => {
      isSound = false;
      refuse(at, reason);
    }),
  );
  if (!isSound) return { NULL: true };
  const seen = new Set<string>();
  for (const [index, element] of elements.entries()) {
    const text = canonicalValue(element);
    if (seen.has(text)) refuse([...path, `[${index}]`], "stands in the set twice");
    seen.add(text);
  }
  const member = type[0] as "S" | "N" | "B";
  return { [type]: elements.map((element) => element[member]) } as unknown as AttributeValue;
}

/** Whether a list or map at this path is deeper than DynamoDB takes; the item is the first level. */
function isTooDeep(path: readonly string[], refuse: Refusal): boolean {
  if (path.length < MAX_NESTING_DEPTH) return false;
  refuse(path.slice(0, 1), `is nested more than ${MAX_NESTING_DEPTH} levels deep, which DynamoDB refuses`);
  return true;
}

/** A list, its elements made by `toAttribute`. */
export function toList(
  list: readonly unknown[],
  path: readonly string[],
  refuse: Refusal,
  toAttribute: ToAttribute,
): { L: AttributeValue[] } {
  if (isTooDeep(path, refuse)) return { L: [] };
  return { L: list.map((entry, index) => toAttribute(entry, [...path, `[${index}]`], refuse)) };
}

/** The attributes of a map or an item, made by `toAttribute`. */
export function toMap(
  object: object,
  path: readonly string[],
  refuse: Refusal,
  toAttribute: ToAttribute,
): StoredItem {
  const map: StoredItem = {};
  if (isTooDeep(path, refuse)) return map;
  for (const [name, value] of Object.entries(object)) {
    const inside = [...path, name];
    const reason = refusalOfName(name);
    if (reason) refuse(inside, reason);
    else map[name] = toAttribute(value, inside, refuse);
  }
  return map;
}
