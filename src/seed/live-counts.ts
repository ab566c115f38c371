import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalValue } from "../dynamo/canonical-item.ts";
import { type DeclaredCounts, type DeclaredWrites, matchesPattern } from "../dynamo/item-pattern.ts";
import { MAX_BATCH_GET_KEYS } from "../dynamo/limits.ts";
import type { StoredItem } from "../dynamo/scan.ts";
import { primaryKeyNames } from "../dynamo/table-design.ts";
import { itemsOf } from "./file/items-of.ts";
import type { SeedItem, SeedRecord } from "./file/records.ts";
import { Window } from "./load/window.ts";
import { type LookupTable, primaryKeyOf, storedItems } from "./stored-items.ts";

/** An attribute by which live writes count, where the load of a file would wipe or change it. */
export interface LiveCount {
  readonly attribute: string;
  readonly key: StoredItem;
}

const REQUESTS_AT_ONCE = 4;

/** Whether a counter counts anything: 0 says what a missing one says, and an uncount leaves it behind. */
function counts(value: AttributeValue): boolean {
  if (value.M) return Object.values(value.M).some(counts);
  return value.N === undefined || Number(value.N) !== 0;
}

/** The first attribute of a stored item that putting another item in its place would lose. */
function lostAttribute(stored: StoredItem, put: StoredItem, declared: DeclaredCounts): string | undefined {
  const lost = (writes: readonly DeclaredWrites[], matters: (value: AttributeValue) => boolean) =>
    writes
      .filter(({ where }) => matchesPattern(stored, where))
      .flatMap(({ attributes }) => attributes)
      .find((name) => {
        const [before, after] = [stored[name], put[name]];
        if (before === undefined || !matters(before)) return false;
        return after === undefined || canonicalValue(before) !== canonicalValue(after);
      });
  return lost(declared.marks, () => true) ?? lost(declared.counters, counts);
}

/** The attributes that have to be read: keys, marks, counters, and those that say which items are meant. */
function attributesToRead(keyNames: readonly string[], { marks, counters }: DeclaredCounts): string[] {
  const declared = [...marks, ...counters];
  const named = declared.flatMap(({ where, attributes }) => [...Object.keys(where), ...attributes]);
  return [...new Set([...keyNames, ...named])];
}

/** Looks at what stands at the keys of some items. */
async function lookAt(
  items: readonly SeedItem[],
  place: LookupTable,
  declared: DeclaredCounts,
): Promise<LiveCount | undefined> {
  const attributes = attributesToRead(primaryKeyNames(place.keys), declared);
  const puts = new Map(items.map(({ key, item }) => [key, item]));
  for (const [key, stored] of await storedItems(items, place, attributes)) {
    const put = puts.get(key);
    const attribute = put && lostAttribute(stored, put, declared);
    if (attribute !== undefined) return { attribute, key: primaryKeyOf(stored, place.keys) };
  }
  return undefined;
}

/** A search in batches, some at once, which ends with the first find or the first failure. */
class Search {
  found: LiveCount | undefined;
  failure: { readonly error: unknown } | undefined;

  get isOver(): boolean {
    return this.found !== undefined || this.failure !== undefined;
  }

  /** Never rejects, as the window's tasks must not. */
  async run(look: () => Promise<LiveCount | undefined>): Promise<void> {
    try {
      const found = await look();
      // Not in one step with the await: another look may have found something meanwhile.
      this.found ??= found;
    } catch (error) {
      this.failure ??= { error };
    }
  }
}

/**
 * Looks for a mark or a counter, kept by live writes, that the load of a file would wipe or change. A load
 * harms nothing but the items that it puts over, so it reads the keys of the file and no others, by
 * consistent reads: one read unit for each item of up to 4 KB, whatever the size of the table. Counters
 * count as much as marks: their own members may not be in the file.
 * @param onLooked called with how many items it has looked for
 * @returns the first that is found; undefined where there is none
 */
export async function findLiveCount(
  place: LookupTable,
  records: AsyncIterable<SeedRecord>,
  declared: DeclaredCounts,
  onLooked?: (items: number) => void,
): Promise<LiveCount | undefined> {
  let looked = 0;
  const search = new Search();
  const window = new Window(REQUESTS_AT_ONCE);
  let batch: SeedItem[] = [];
  const send = () => {
    const items = batch;
    batch = [];
    looked += items.length;
    onLooked?.(looked);
    return window.admit(() => search.run(() => lookAt(items, place, declared)));
  };
  try {
    for await (const item of itemsOf(records, place.signal)) {
      batch.push(item);
      if (batch.length === MAX_BATCH_GET_KEYS) await send();
      if (search.isOver) break;
    }
    if (batch.length > 0 && !search.isOver) await send();
  } finally {
    await window.idle();
  }
  if (search.failure && !search.found) throw search.failure.error;
  return search.found;
}
