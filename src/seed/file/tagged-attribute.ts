import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import {
  isObject,
  type Refusal,
  toBinary,
  toList,
  toMap,
  toNumber,
  toSet,
  toText,
} from "./attribute-values.ts";

type FromTag = (value: unknown, path: readonly string[], refuse: Refusal) => AttributeValue | undefined;

/** By type descriptor (Programming.LowLevelAPI, "Data type descriptors"); undefined for a wrong value. */
const FROM_TAG: Readonly<Record<string, FromTag>> = {
  S: (value, path, refuse) => (typeof value === "string" ? toText(value, path, refuse) : undefined),
  N: (value, path, refuse) => (typeof value === "string" ? toNumber(value, path, refuse) : undefined),
  B: toBinary,
  BOOL: (value) => (typeof value === "boolean" ? { BOOL: value } : undefined),
  NULL: (value) => (value === true ? { NULL: true } : undefined),
  L: (value, path, refuse) =>
    Array.isArray(value) ? toList(value, path, refuse, taggedAttribute) : undefined,
  M: (value, path, refuse) =>
    isObject(value) ? { M: toMap(value, path, refuse, taggedAttribute) } : undefined,
  SS: (value, path, refuse) => toSet("SS", value, path, refuse),
  NS: (value, path, refuse) => toSet("NS", value, path, refuse),
  BS: (value, path, refuse) => toSet("BS", value, path, refuse),
};

/** The value of a type tag: strings, numbers as strings, and so on. */
const TAKES: Readonly<Record<string, string>> = {
  S: "a string",
  N: "a number as a string",
  BOOL: "true or false",
  NULL: "true",
  L: "a list",
  M: "an object",
};

/** Whether a value is tagged as a key can be: a plain item's key never is an object. */
function isTaggedKey(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 1 && /^[SNB]$/.test(Object.keys(value)[0] ?? "");
}

/**
 * The attributes of an object that is DynamoDB JSON, in an envelope `{"Item": …}` or bare; undefined
 * where none of the key attributes is tagged.
 */
export function taggedItemIn(
  object: object,
  keyNames: readonly string[],
): { attributes: object; inEnvelope: boolean } | undefined {
  const hasTaggedKey = (attributes: object) =>
    keyNames.some((name) => Object.hasOwn(attributes, name) && isTaggedKey(Reflect.get(attributes, name)));
  if (hasTaggedKey(object)) return { attributes: object, inEnvelope: false };
  const inner = envelopeOf(object);
  return inner && hasTaggedKey(inner) ? { attributes: inner, inEnvelope: true } : undefined;
}

/** What stands in `{"Item": …}`, as exports have it; undefined where it is no such envelope. */
export function envelopeOf(object: object): object | undefined {
  const [[name, inner] = [], ...others] = Object.entries(object);
  return name === "Item" && others.length === 0 && isObject(inner) ? inner : undefined;
}

/** Whether an object is a record of an incremental export (S3DataExport.Output, "Incremental export"). */
export function isIncrementalRecord(object: object): boolean {
  return (
    Object.hasOwn(object, "Metadata") &&
    Object.hasOwn(object, "Keys") &&
    Object.keys(object).every((name) => ["Metadata", "Keys", "NewImage", "OldImage"].includes(name))
  );
}

/**
 * Turns a value of DynamoDB JSON, an object with one type tag, into an attribute value.
 * @param refuse called for every value, name or tag that DynamoDB would not take as it is
 */
export function taggedAttribute(value: unknown, path: readonly string[], refuse: Refusal): AttributeValue {
  const [[tag = "", tagged] = [], ...others] = isObject(value) ? Object.entries(value) : [];
  const fromTag = others.length === 0 && Object.hasOwn(FROM_TAG, tag) ? FROM_TAG[tag] : undefined;
  if (!fromTag) {
    refuse(path, `has no type tag: DynamoDB JSON wants one of ${Object.keys(FROM_TAG).join(", ")} alone`);
    return { NULL: true };
  }
  const attribute = fromTag(tagged, path, refuse);
  if (attribute) return attribute;
  refuse(path, `is tagged ${tag}, which takes ${TAKES[tag]}`);
  return { NULL: true };
}
