import { canonicalItem } from "../../dynamo/canonical-item.ts";
import { entryOf, membershipOf } from "../../dynamo/index-entry.ts";
import { itemBytes, writeUnitsOfBytes } from "../../dynamo/item-size.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { IndexDesign } from "../../dynamo/table-design.ts";

/**
 * What an UpdateItem costs on the table itself: it goes by the larger of the item before and after
 * (CapacityUnitCalculations, "Write request units").
 */
export const updateUnits = (before: StoredItem, after: StoredItem): number =>
  writeUnitsOfBytes(Math.max(itemBytes(before), itemBytes(after)));

/**
 * What a write of an item costs on an index (GSI, "Write capacity units"): nothing where its entry stays as it
 * is; one write where the entry comes, goes or changes; two where the entry's key changes, as the old one is
 * deleted.
 * @param tableKeys names of the table's primary key attributes
 */
export function indexUnits(
  before: StoredItem,
  after: StoredItem,
  design: IndexDesign,
  tableKeys: readonly string[],
): number {
  const entry = (item: StoredItem) =>
    membershipOf(item, design).state === "entry" ? entryOf(item, design, tableKeys) : undefined;
  const [old, fresh] = [entry(before), entry(after)];
  if (!old || !fresh) return old || fresh ? writeUnitsOfBytes(itemBytes(old ?? fresh ?? {})) : 0;
  if (canonicalItem(old) === canonicalItem(fresh)) return 0;
  const keyOf = (item: StoredItem) => {
    const names = [design.partitionKey.name, ...(design.sortKey ? [design.sortKey.name] : [])];
    return canonicalItem(
      Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : []))),
    );
  };
  if (keyOf(old) === keyOf(fresh)) return updateUnits(old, fresh);
  return writeUnitsOfBytes(itemBytes(old)) + writeUnitsOfBytes(itemBytes(fresh));
}
