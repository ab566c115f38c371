import pLimit from "p-limit";
import { canonicalItem } from "../../dynamo/canonical-item.ts";
import { MAX_BATCH_GET_KEYS } from "../../dynamo/limits.ts";
import type { SeedItem, SeedRecord } from "../file/records.ts";
import { type LookupTable, storedItems } from "../stored-items.ts";
import { type LoadPosition, Ordinals } from "./account.ts";
import type { LoadRecord } from "./record-source.ts";

const REQUESTS_AT_ONCE = 8;

function groupsOf<T>(list: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < list.length; start += size) groups.push(list.slice(start, start + size));
  return groups;
}

/** Those of the items that stand in the table, equal. */
async function findIdentical(items: readonly SeedItem[], place: LookupTable): Promise<Set<SeedItem>> {
  // An item that is left out in favour of another has its key: no request may ask for a key twice.
  const firsts = [...new Map(items.map((item) => [item.key, item])).values()];
  const contents = new Map<string, string>();
  const look = async (group: readonly SeedItem[]) => {
    for (const [key, stored] of await storedItems(group, place)) contents.set(key, canonicalItem(stored));
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
  place: LookupTable,
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
