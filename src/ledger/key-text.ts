import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { StoredItem } from "../dynamo/scan.ts";

type KeyPart = { S: string } | { N: string } | { base64: string };

const toPart = ({ S, N, B }: AttributeValue): KeyPart => {
  if (S !== undefined) return { S };
  if (N !== undefined) return { N };
  if (B !== undefined) return { base64: Buffer.from(B).toString("base64") };
  throw new TypeError("a key attribute is a string, a number or binary");
};

const fromPart = (part: KeyPart): AttributeValue =>
  "base64" in part ? { B: new Uint8Array(Buffer.from(part.base64, "base64")) } : part;

const mapValues = <From, To>(object: Readonly<Record<string, From>>, map: (value: From) => To) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));

/** An item's primary key as text, for a record that has to find the item again. */
export function writeKey(key: StoredItem): string {
  return JSON.stringify(mapValues(key, toPart));
}

/** Reads what {@link writeKey} wrote. */
export function readKey(text: string): StoredItem {
  return mapValues(JSON.parse(text) as Record<string, KeyPart>, fromPart);
}
