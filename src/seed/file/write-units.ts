import { entryBytes, membershipOf } from "../../dynamo/index-entry.ts";
import { writeUnitsOfBytes } from "../../dynamo/item-size.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import type { SeedItem, TableKeys } from "./records.ts";

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
  const keyNames = primaryKeyNames(keys);
  const indexes = Object.entries(keys.indexes).filter(
    ([, index]) => membershipOf(item, index).state === "entry",
  );
  return {
    table: writeUnitsOfBytes(bytes),
    indexes: indexes.map(([name, index]) => [name, writeUnitsOfBytes(entryBytes(item, index, keyNames))]),
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
