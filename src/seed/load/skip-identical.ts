import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import pLimit from "p-limit";
import { batchGetItems } from "../../dynamo/batch-get.ts";
import { canonicalItem, canonicalKey } from "../../dynamo/canonical-item.ts";
import { MAX_BATCH_GET_KEYS } from "../../dynamo/limits.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import type { SeedItem, SeedRecord, TableKeys } from "../file/records.ts";
import { type LoadPosition, Ordinals } from "./account.ts";
import type { LoadRecord } from "./record-source.ts";

/** Where items are looked for before they are written. */
export interface LookPlace {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly table: string;
  readonly keys: TableKeys;
  readonly signal?: AbortSignal | undefined;
}

const REQUESTS_AT_ONCE = 8;

function groupsOf<T>(list: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < list.length; start += size) groups.push(list.slice(start, start + size));
  return groups;
}

const keyOf = (item: StoredItem, keyNames: readonly string[]): StoredItem =>
  Object.fromEntries(Object.entries(item).filter(([name]) => keyNames.includes(name)));

/** Those of the items that stand in the table, equal. */
async function findIdentical(items: readonly SeedItem[], place: LookPlace): Promise<Set<SeedItem>> {
  const { client, table, signal } = place;
  const keyNames = primaryKeyNames(place.keys);
  // An item that is left out in favour of another has its key: no request may ask for a key twice.
  const firsts = [...new Map(items.map((item) => [item.key, item])).values()];
  const contents = new Map<string, string>();
  const look = async (group: readonly SeedItem[]) => {
    const keys = group.map(({ item }) => keyOf(item, keyNames));
    for (const stored of await batchGetItems(client, keys, { table, signal }))
      contents.set(canonicalKey(stored, keyNames), canonicalItem(stored));
  };
  const limit = pLimit(REQUESTS_AT_ONCE);
  await Promise.all(groupsOf(firsts, MAX_BATCH_GET_KEYS).map((group) => limit(look, group)));
  return new Set(items.filter(({ key, item }) => contents.get(key) === canonicalItem(item)));
}

/**
 * Looks each item up in the table, by consistent reads, before it is written, and says of those that stand
 * there equal that they are identical.
 * @param before what an earlier run has settled is not looked up
 */
export async function* markIdentical(
  chunks: AsyncIterable<Iterable<SeedRecord>>,
  place: LookPlace,
  before?: LoadPosition,
): AsyncGenerator<Iterable<LoadRecord>> {
  const ordinals = new Ordinals(before);
  for await (const chunk of chunks) {
    const records = [...chunk];
    const items: SeedItem[] = [];
    for (const record of records) {
      const ordinal = ordinals.next();
      if (ordinal === undefined) continue;
      ordinals.settle(ordinal);
      if (record.kind === "item") items.push(record);
    }
    const identical = await findIdentical(items, place);
    yield records.map((record) =>
      record.kind === "item" && identical.has(record) ? { kind: "identical" } : record,
    );
  }
}
