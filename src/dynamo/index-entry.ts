import { itemBytes } from "./item-size.ts";
import { keyAttributes } from "./key-schema.ts";
import type { StoredItem } from "./scan.ts";
import type { IndexDesign, KeyAttribute } from "./table-design.ts";

/** Why an item that has an index's key attributes, or some of them, is not in the index. */
export type KeyDefect = "wrongType" | "empty" | "incomplete";

/** How an item stands to an index: in it, left out as it has none of its key attributes, or out by a defect. */
export type Membership = { readonly state: "entry" | "leftOut" } | Defective;

interface Defective {
  readonly state: KeyDefect;
  /** In words. */
  readonly problem: string;
}

const isEmpty = (value: StoredItem[string]) => value.S === "" || value.B?.byteLength === 0;

function defectOf(item: StoredItem, { name, type }: KeyAttribute): Defective | undefined {
  const value = item[name];
  if (value === undefined) return { state: "incomplete", problem: `has no ${name}` };
  if (value[type] === undefined) {
    const found = Object.keys(value)[0] ?? "unknown";
    return { state: "wrongType", problem: `its ${name} is of type ${found}, the index wants ${type}` };
  }
  return isEmpty(value) ? { state: "empty", problem: `its ${name} is empty` } : undefined;
}

const SEVERITY: readonly KeyDefect[] = ["wrongType", "empty", "incomplete"];

/**
 * Whether an item would be in an index. DynamoDB leaves out what lacks a key attribute or has one of another
 * type, without a word; and once the index is there, it refuses writes of such values (GSI.OnlineOps, "violations").
 */
export function membershipOf(item: StoredItem, design: IndexDesign): Membership {
  const keys = keyAttributes(design);
  if (keys.every(({ name }) => item[name] === undefined)) return { state: "leftOut" };
  const defects = keys.flatMap((key) => defectOf(item, key) ?? []);
  const [worst] = defects.sort((a, b) => SEVERITY.indexOf(a.state) - SEVERITY.indexOf(b.state));
  return worst ?? { state: "entry" };
}

/**
 * What of an item stands in its entry in an index.
 * @param tableKeys names of the table's primary key attributes, which every entry carries
 */
export function entryOf(item: StoredItem, design: IndexDesign, tableKeys: readonly string[]): StoredItem {
  const { projection } = design;
  if (projection === "ALL") return item;
  const included = projection === "KEYS_ONLY" ? [] : projection.include;
  const names = new Set([...tableKeys, ...keyAttributes(design).map(({ name }) => name), ...included]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

/** The bytes of an item's entry in an index, without the overhead of storage. */
export const entryBytes = (item: StoredItem, design: IndexDesign, tableKeys: readonly string[]): number =>
  itemBytes(entryOf(item, design, tableKeys));
