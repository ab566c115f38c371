import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES } from "../../dynamo/limits.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { IndexDesign, KeyAttribute, KeyType } from "../../dynamo/table-design.ts";
import type { TableKeys } from "./records.ts";

const TYPE_NAMES: Record<KeyType, string> = { S: "a string", N: "a number", B: "binary" };

/** Called with the attribute that is wrong and why. */
export type KeyRefusal = (attribute: string, reason: string) => void;

function bytesOf(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  return value.B?.byteLength ?? 0;
}

/** Why a value cannot be a key, or undefined where it can. */
function refusalOfKey(value: AttributeValue, key: KeyAttribute, place: string, maxBytes: number) {
  if (value[key.type] === undefined) return `is ${place}, which must be ${TYPE_NAMES[key.type]}`;
  const bytes = bytesOf(value);
  if (key.type !== "N" && bytes === 0) return `is ${place}, which must not be empty`;
  if (bytes > maxBytes) return `is ${place} of ${bytes} bytes; DynamoDB takes ${maxBytes}`;
  return undefined;
}

interface KeyPlace {
  readonly key: KeyAttribute;
  readonly place: string;
  readonly maxBytes: number;
  readonly required: boolean;
}

function placesOf(
  keys: Pick<IndexDesign, "partitionKey" | "sortKey">,
  of: string,
  required: boolean,
): KeyPlace[] {
  const partition = {
    key: keys.partitionKey,
    place: `the partition key of ${of}`,
    maxBytes: MAX_PARTITION_KEY_BYTES,
    required,
  };
  if (!keys.sortKey) return [partition];
  const sort = {
    key: keys.sortKey,
    place: `the sort key of ${of}`,
    maxBytes: MAX_SORT_KEY_BYTES,
    required,
  };
  return [partition, sort];
}

/**
 * Makes the check of an item's keys: those of the table, and those of each index where the item has
 * them. An attribute that is part of several keys is refused once.
 */
export function createKeyCheck(keys: TableKeys): (item: StoredItem, refuse: KeyRefusal) => void {
  const places = [
    ...placesOf(keys, "the table", true),
    ...Object.entries(keys.indexes).flatMap(([name, index]) => placesOf(index, `index ${name}`, false)),
  ];
  return (item, refuse) => {
    const refused = new Set<string>();
    const refuseOnce = (attribute: string, reason: string) => {
      if (!refused.has(attribute)) refuse(attribute, reason);
      refused.add(attribute);
    };
    for (const { key, place, maxBytes, required } of places) {
      const value = Object.hasOwn(item, key.name) ? item[key.name] : undefined;
      if (value === undefined) {
        if (required) refuseOnce(key.name, `is ${place}, and is missing`);
        continue;
      }
      const reason = refusalOfKey(value, key, place, maxBytes);
      if (reason) refuseOnce(key.name, reason);
    }
  };
}
