import { MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES } from "../../../dynamo/limits.ts";
import type { IndexDesign, KeyAttribute, KeyType } from "../../../dynamo/table-design.ts";
import { primaryKeyNames } from "../../../dynamo/table-design.ts";
import type { TableKeys } from "../records.ts";

/** An attribute of the item itself that is looked at: part of a key, or what an index copies. */
export interface WatchedAttribute {
  readonly name: Buffer;
  readonly hash: number;
  /** The type that the keys want; undefined where it is part of none. */
  readonly type: KeyType | undefined;
  /** The most bytes that the keys allow. */
  readonly maxBytes: number;
}

/** An index, its attributes by their places among the watched ones. */
export interface WatchedIndex {
  readonly keys: readonly number[];
  /** What it copies; undefined: everything. */
  readonly projected: readonly number[] | undefined;
}

/** What is looked at in each item of a table. */
export interface Watched {
  readonly attributes: readonly WatchedAttribute[];
  /** The table's own key: partition key, then sort key where there is one. */
  readonly key: readonly number[];
  readonly indexes: readonly WatchedIndex[];
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The hash of no bytes: where {@link hashByte} begins. */
export const EMPTY_HASH = FNV_OFFSET | 0;

/** Takes one byte more into a hash (FNV-1a, 32 bits). */
export const hashByte = (hash: number, byte: number): number => Math.imul(hash ^ byte, FNV_PRIME);

interface Bounds {
  type?: KeyType;
  maxBytes: number;
}

/** Says what is looked at in each item of a table. */
export function watchedAttributes(keys: TableKeys): Watched {
  const bounds = new Map<string, Bounds>();
  const watch = (name: string, key?: KeyAttribute, maxBytes = Number.POSITIVE_INFINITY) => {
    const known = bounds.get(name) ?? { maxBytes };
    const type = key?.type ?? known.type;
    bounds.set(name, { ...(type && { type }), maxBytes: Math.min(known.maxBytes, maxBytes) });
  };
  const watchKeys = ({ partitionKey, sortKey }: Pick<IndexDesign, "partitionKey" | "sortKey">) => {
    watch(partitionKey.name, partitionKey, MAX_PARTITION_KEY_BYTES);
    if (sortKey) watch(sortKey.name, sortKey, MAX_SORT_KEY_BYTES);
  };
  const indexes = Object.values(keys.indexes);
  for (const each of [keys, ...indexes]) watchKeys(each);
  for (const { projection } of indexes) {
    if (typeof projection === "object") for (const name of projection.include) watch(name);
  }
  const names = [...bounds.keys()];
  const placesOf = (of: readonly string[]) => of.map((name) => names.indexOf(name));
  return {
    attributes: [...bounds].map(([name, { type, maxBytes }]) => {
      const bytes = Buffer.from(name);
      return { name: bytes, hash: bytes.reduce(hashByte, EMPTY_HASH), type, maxBytes };
    }),
    key: placesOf(primaryKeyNames(keys)),
    indexes: indexes.map((index) => {
      const included = typeof index.projection === "object" ? index.projection.include : [];
      const copied = [...new Set([...primaryKeyNames(keys), ...primaryKeyNames(index), ...included])];
      return {
        keys: placesOf(primaryKeyNames(index)),
        projected: index.projection === "ALL" ? undefined : placesOf(copied),
      };
    }),
  };
}
