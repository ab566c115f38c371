import type { TableDesign } from "../../../dynamo/table-design.ts";
import type { PlainItem } from "../../../query/oracle.ts";
import { compareUtf8 } from "../../../query/utf8-order.ts";
import { keysOfPlace, type PlaceKeys } from "../key-condition.ts";

/** How much of a table its picture shows. */
const MOST_COLLECTIONS = 3;
const MOST_ITEMS = 5;
/** Of a large table it chooses among so many collections, and so many items of each: enough for a picture. */
const MOST_CANDIDATES = 5_000;
const MOST_CANDIDATE_ITEMS = 200;

/** An item of the picture. */
export interface ShownItem {
  readonly item: PlainItem;
  /** The same in every place that shows it, from 1. */
  readonly number: number;
}

/** The items of one partition key, by their sort key: the first that were chosen. */
export interface ShownCollection {
  readonly items: readonly ShownItem[];
  /** How many items it has. */
  readonly size: number;
}

/** What the picture shows of the base table or of an index. */
export interface ShownPlace {
  /** Undefined: the base table. */
  readonly index: string | undefined;
  readonly keys: PlaceKeys;
  readonly collections: readonly ShownCollection[];
  readonly collectionCount: number;
  /** Items that have the place's keys. */
  readonly itemCount: number;
}

/** A key value as text that tells values apart. */
const keyText = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Uint8Array) return `binary ${Buffer.from(value).toString("base64")}`;
  return `${typeof value} ${String(value)}`;
};

function compareKeys(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return compareUtf8(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  return Number(a) - Number(b);
}

const hasKeys = (item: PlainItem, { partitionKey, sortKey }: PlaceKeys) =>
  keyText(item[partitionKey.name]) !== undefined && (!sortKey || keyText(item[sortKey.name]) !== undefined);

function collectionsOf(items: readonly PlainItem[], keys: PlaceKeys): PlainItem[][] {
  const collections = new Map<string, PlainItem[]>();
  for (const item of items) {
    if (!hasKeys(item, keys)) continue;
    const text = keyText(item[keys.partitionKey.name]) as string;
    const same = collections.get(text);
    if (same) same.push(item);
    else collections.set(text, [item]);
  }
  return [...collections.values()];
}

/** Chooses what a picture of the design shows: few collections in which every entity is seen, and that hang together. */
class Chooser {
  /** Numbers of the items chosen so far. */
  readonly #numbers = new Map<PlainItem, number>();
  /** Collections of indexes that hold a chosen item. */
  readonly #touched = new Set<string>();
  readonly #indexes: readonly (readonly [string, PlaceKeys])[];
  readonly #entityOf: (item: PlainItem) => string;

  constructor(design: TableDesign, entityOf: (item: PlainItem) => string) {
    this.#indexes = Object.entries(design.indexes);
    this.#entityOf = entityOf;
  }

  #indexCollections(item: PlainItem): string[] {
    return this.#indexes.flatMap(([name, { partitionKey }]) => {
      const text = keyText(item[partitionKey.name]);
      return text === undefined ? [] : [`${name} ${text}`];
    });
  }

  /** Whether an item is shown already, or stands beside a shown one in an index. */
  #isRelated(item: PlainItem): boolean {
    return this.#numbers.has(item) || this.#indexCollections(item).some((name) => this.#touched.has(name));
  }

  #score(whole: readonly PlainItem[], seen: ReadonlySet<string>): number {
    const collection = whole.slice(0, MOST_CANDIDATE_ITEMS);
    const entities = new Set(collection.map(this.#entityOf));
    const fresh = [...entities].filter((entity) => !seen.has(entity)).length;
    const related = collection.some((item) => this.#isRelated(item)) ? 10 : 0;
    return 100 * fresh + related + entities.size + Math.min(collection.length, MOST_ITEMS) / 10;
  }

  #show(item: PlainItem): ShownItem {
    const number = this.#numbers.get(item) ?? this.#numbers.size + 1;
    this.#numbers.set(item, number);
    for (const name of this.#indexCollections(item)) this.#touched.add(name);
    return { item, number };
  }

  /** One item of each entity first, then what is related, then the others. */
  #chooseItems(whole: readonly PlainItem[], { sortKey }: PlaceKeys): ShownCollection {
    const collection = whole.slice(0, MOST_CANDIDATE_ITEMS);
    const rank = new Map<PlainItem, number>();
    const entities = new Set<string>();
    const relatedFirst = [...collection].sort(
      (a, b) => Number(this.#isRelated(b)) - Number(this.#isRelated(a)),
    );
    for (const [position, item] of relatedFirst.entries()) {
      const entity = this.#entityOf(item);
      rank.set(item, (entities.has(entity) ? collection.length : 0) + position);
      entities.add(entity);
    }
    const chosen = [...collection]
      .sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0))
      .slice(0, MOST_ITEMS);
    if (sortKey) chosen.sort((a, b) => compareKeys(a[sortKey.name], b[sortKey.name]));
    return { items: chosen.map((item) => this.#show(item)), size: whole.length };
  }

  choose(items: readonly PlainItem[], index: string | undefined, keys: PlaceKeys): ShownPlace {
    const all = collectionsOf(items, keys);
    const waiting = new Set(all.slice(0, MOST_CANDIDATES));
    const seen = new Set<string>();
    const collections: ShownCollection[] = [];
    while (waiting.size > 0 && collections.length < MOST_COLLECTIONS) {
      let best: { collection: PlainItem[]; score: number } | undefined;
      for (const collection of waiting) {
        const score = this.#score(collection, seen);
        if (!best || score > best.score) best = { collection, score };
      }
      if (!best) break;
      waiting.delete(best.collection);
      for (const item of best.collection.slice(0, MOST_CANDIDATE_ITEMS)) seen.add(this.#entityOf(item));
      collections.push(this.#chooseItems(best.collection, keys));
    }
    const itemCount = all.reduce((sum, collection) => sum + collection.length, 0);
    return { index, keys, collections, collectionCount: all.length, itemCount };
  }
}

/**
 * Chooses the collections that a picture of a design shows: of the base table, and of each index the same items
 * turned round, as far as that can be.
 * @param items of the table
 * @param entityOf names what an item is
 */
export function choosePlaces(
  design: TableDesign,
  items: readonly PlainItem[],
  entityOf: (item: PlainItem) => string,
): ShownPlace[] {
  const chooser = new Chooser(design, entityOf);
  const indexes = [...Object.keys(design.indexes), ...Object.keys(design.localIndexes ?? {})];
  return [undefined, ...indexes].map((index) => chooser.choose(items, index, keysOfPlace(design, index)));
}
