import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { batchGetItems } from "../dynamo/batch-get.ts";
import { canonicalKey } from "../dynamo/canonical-item.ts";
import type { StoredItem } from "../dynamo/scan.ts";
import { primaryKeyNames } from "../dynamo/table-design.ts";
import type { SeedItem, TableKeys } from "./file/records.ts";

/** The table in which items of a seed file are looked up before they are written. */
export interface LookupTable {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly table: string;
  readonly keys: TableKeys;
  readonly signal?: AbortSignal | undefined;
}

/** An item's primary key. */
export function primaryKeyOf(item: StoredItem, keys: TableKeys): StoredItem {
  const names = primaryKeyNames(keys);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}

/**
 * What stands in a table at the keys of some items, by consistent reads.
 * @param items no two of one key
 * @param attributes the attributes that are wanted, the keys among them. Default: all
 * @returns by the items' `key`; nothing where nothing stands
 */
export async function storedItems(
  items: readonly SeedItem[],
  { client, table, keys, signal }: LookupTable,
  attributes?: readonly string[],
): Promise<Map<string, StoredItem>> {
  const wanted = items.map(({ item }) => primaryKeyOf(item, keys));
  const found = await batchGetItems(client, wanted, { table, attributes, signal });
  return new Map(found.map((stored) => [canonicalKey(stored, primaryKeyNames(keys)), stored]));
}
