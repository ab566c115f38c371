import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalNumber } from "../../dynamo/canonical-item.ts";
import { MAX_NUMBER_DIGITS, MAX_NUMBER_EXPONENT, MIN_NUMBER_EXPONENT } from "../../dynamo/limits.ts";
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

// With the flag `u` a pair of surrogates is one character: this finds halves that stand alone.
const LONE_SURROGATE = /\p{Surrogate}/u;
const NOT_UNICODE = "is not valid Unicode (half of a surrogate pair)";

/** Why DynamoDB refuses a number, or undefined where it takes it. */
export function refusalOfNumber(text: string): string | undefined {
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

function toMap(object: object, path: readonly string[], refuse: Refusal): StoredItem {
  const map: StoredItem = {};
  for (const [name, value] of Object.entries(object)) {
    const inside = [...path, name];
    const reason = refusalOfName(name);
    if (reason) refuse(inside, reason);
    else map[name] = toAttribute(value, inside, refuse);
  }
  return map;
}

function toAttribute(value: unknown, path: readonly string[], refuse: Refusal): AttributeValue {
  if (typeof value === "string") {
    if (LONE_SURROGATE.test(value)) refuse(path, NOT_UNICODE);
    return { S: value };
  }
  if (value instanceof JsonNumber) {
    const reason = refusalOfNumber(value.text);
    if (reason) refuse(path, reason);
    return { N: value.text };
  }
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) {
    return { L: value.map((entry, index) => toAttribute(entry, [...path, `[${index}]`], refuse)) };
  }
  return { M: toMap(value as object, path, refuse) };
}

/**
 * Turns a parsed JSON object into an item: strings, numbers with all their digits, booleans, nulls,
 * lists and maps.
 * @param refuse called for every value or name that DynamoDB would not take as it is
 */
export function toStoredItem(object: object, refuse: Refusal): StoredItem {
  return toMap(object, [], refuse);
}
