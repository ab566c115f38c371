import { itemBytes } from "../../dynamo/item-size.ts";
import { BYTES_PER_WRITE_UNIT } from "../../dynamo/limits.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { type IndexDesign, primaryKeyNames } from "../../dynamo/table-design.ts";
import type { SeedItem, TableKeys } from "./records.ts";

const unitsOf = (bytes: number) => Math.max(1, Math.ceil(bytes / BYTES_PER_WRITE_UNIT));

function isInIndex(item: StoredItem, index: IndexDesign): boolean {
  return primaryKeyNames(index).every((name) => item[name] !== undefined);
}

/** The bytes of what an index copies from an item. */
function projectedBytes(item: StoredItem, index: IndexDesign, keys: TableKeys, bytes: number): number {
  if (index.projection === "ALL") return bytes;
  const included = typeof index.projection === "object" ? index.projection.include : [];
  const names = new Set([...primaryKeyNames(keys), ...primaryKeyNames(index), ...included]);
  return itemBytes(Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name))));
}

/**
 * The write units that a put of a new item costs: its size in whole KB, and the same again for each
 * index that the item is in (CapacityUnitCalculations; GSI.html, "Write capacity units"). Replacing an
 * item whose index keys change costs more.
 */
export function writeUnitsOf({ item, bytes }: Pick<SeedItem, "item" | "bytes">, keys: TableKeys): number {
  const indexes = Object.values(keys.indexes).filter((index) => isInIndex(item, index));
  return indexes.reduce(
    (units, index) => units + unitsOf(projectedBytes(item, index, keys, bytes)),
    unitsOf(bytes),
  );
}
