import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { indexDesignOf, keysOf } from "../dynamo/describe.ts";
import type { IndexDesign, KeyAttribute, TableDesign } from "../dynamo/table-design.ts";
import { KeyMismatchError } from "./errors.ts";
import type { TableKeys } from "./file/records.ts";

const showKeys = ({ partitionKey, sortKey }: { partitionKey: KeyAttribute; sortKey?: KeyAttribute }) =>
  [partitionKey, sortKey]
    .map((key) => (key ? `${key.name} (${key.type})` : ""))
    .filter(Boolean)
    .join(", ");

/**
 * The keys that items of a live table must have: those of its design, and those of every index that is
 * there or is declared, as a migration may make it later.
 * @throws {KeyMismatchError} when the live table's primary key is not the design's.
 */
export function liveTableKeys(design: TableDesign, description: TableDescription): TableKeys {
  const found = showKeys(keysOf(description.KeySchema, description.AttributeDefinitions));
  const declared = showKeys(design);
  if (found !== declared) throw new KeyMismatchError(description.TableName ?? design.model, declared, found);
  const live: Record<string, IndexDesign> = {};
  for (const { IndexName: name } of description.GlobalSecondaryIndexes ?? []) {
    const index = name === undefined ? undefined : indexDesignOf(description, name);
    if (name !== undefined && index) live[name] = index;
  }
  return { ...design, indexes: { ...design.indexes, ...live } };
}
