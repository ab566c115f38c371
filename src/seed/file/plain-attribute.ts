import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import {
  isObject,
  JsonNumber,
  type Refusal,
  type SetType,
  toBinary,
  toList,
  toMap,
  toNumber,
  toSet,
  toText,
} from "./attribute-values.ts";

const SET_TAGS: Readonly<Record<string, SetType>> = {
  $stringSet: "SS",
  $numberSet: "NS",
  $binarySet: "BS",
};
const BINARY_TAG = "$binary";

const isTag = (name: string) => name === BINARY_TAG || Object.hasOwn(SET_TAGS, name);

/** The elements of a number set may stand there as numbers, with all their digits. */
function numbersAsText(list: unknown): unknown {
  if (!Array.isArray(list)) return list;
  return list.map((entry) => (entry instanceof JsonNumber ? entry.text : entry));
}

function toTagged(tag: string, value: unknown, path: readonly string[], refuse: Refusal): AttributeValue {
  if (tag === BINARY_TAG) return toBinary(value, path, refuse);
  const type = SET_TAGS[tag] as SetType;
  return toSet(type, type === "NS" ? numbersAsText(value) : value, path, refuse);
}

/**
 * Turns a plain JSON value into an attribute value: strings, numbers with all their digits, booleans,
 * nulls, lists and maps; a map with a tag alone in it is a set or binary.
 * @param refuse called for every value or name that DynamoDB would not take as it is
 */
export function plainAttribute(value: unknown, path: readonly string[], refuse: Refusal): AttributeValue {
  if (typeof value === "string") return toText(value, path, refuse);
  if (value instanceof JsonNumber) return toNumber(value.text, path, refuse);
  if (typeof value === "boolean") return { BOOL: value };
  if (Array.isArray(value)) return toList(value, path, refuse, plainAttribute);
  if (!isObject(value)) return { NULL: true };
  const entries = Object.entries(value);
  const [tag, tagged] = entries.find(([name]) => isTag(name)) ?? [];
  if (tag === undefined) return { M: toMap(value, path, refuse, plainAttribute) };
  if (entries.length > 1)
    refuse(path, `has other names beside ${tag}; a map with such a name can be written in DynamoDB JSON`);
  return toTagged(tag, tagged, path, refuse);
}
