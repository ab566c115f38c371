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

/** Write units of a put, of the table and of each index that the item is in. */
export interface ResourceUnits {
  readonly table: number;
  readonly indexes: readonly (readonly [name: string, units: number])[];
}

/** {@link writeUnitsOf}, one by one. */
export function unitsByResource(
  { item, bytes }: Pick<SeedItem, "item" | "bytes">,
  keys: TableKeys,
): ResourceUnits {
  const indexes = Object.entries(keys.indexes).filter(([, index]) => isInIndex(item, index));
  return {
    table: unitsOf(bytes),
    indexes: indexes.map(([name, index]) => [name, unitsOf(projectedBytes(item, index, keys, bytes))]),
  };
}

/**
 * The write units that a put of a new item costs: its size in whole KB, and the same again for each
 * index that the item is in (CapacityUnitCalculations; GSI.html, "Write capacity units"). Replacing an
 * item whose index keys change costs more.
 */
export function writeUnitsOf(item: Pick<SeedItem, "item" | "bytes">, keys: TableKeys): number {
  const { table, indexes } = unitsByResource(item, keys);
  return indexes.reduce((sum, [, units]) => sum + units, table);
}
