import type { DeclaredWrites, ItemPattern } from "../dynamo/item-pattern.ts";
import type { IndexDesign } from "../dynamo/table-design.ts";

/** An attribute's value as plain data. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** Attributes by name, as plain data. */
export type Values = Readonly<Record<string, Value>>;

/** An item as a migration's functions see it. */
export type PlainItem = Readonly<Record<string, unknown>>;

/** Makes a global secondary index, or adopts one that is there and equal. */
export interface EnsureIndexStep {
  readonly kind: "ensureIndex";
  readonly id: string;
  readonly index: string;
  readonly design: IndexDesign;
  readonly writes: readonly DeclaredWrites[];
}

/** Values that are worked out for each item. */
export interface ComputedValues {
  /** The attributes it looks at. An item on which one of them changes meanwhile is looked at again. */
  readonly from: readonly string[];
  /** The attributes it gives. */
  readonly attributes: readonly string[];
  /** The values of one item; undefined leaves the item as it is. */
  readonly values: (item: PlainItem) => Values | undefined;
}

/** Sets attributes on the items that do not have them yet. */
export interface BackfillStep {
  readonly kind: "backfill";
  readonly id: string;
  readonly where: ItemPattern;
  readonly set: Values | ComputedValues;
  /** What `migrate down` does: remove the attributes, or refuse. */
  readonly undo: "remove" | "refuse";
  readonly writes: readonly DeclaredWrites[];
}

/** A number that counts members: where it is. */
export interface CounterPlace {
  /** The primary key of the item that carries the counter. */
  readonly key: Readonly<Record<string, string | number>>;
  /** The attribute, and the way down inside it where it is a map: `["reactions", "heart"]`. */
  readonly path: readonly string[];
}

/**
 * Counts the members of a pattern into counters, each member once: a member is marked and added in one
 * transaction, so that the count is exact beside live traffic that keeps the same mark.
 */
export interface CounterStep {
  readonly kind: "counter";
  readonly id: string;
  /** The items that are counted. */
  readonly members: ItemPattern;
  /** The attribute that says that a member is counted; live writes set it with their own addition. */
  readonly mark: string;
  /** The items that carry the counters. */
  readonly on: ItemPattern;
  /** The counters' top-level attributes on those items. */
  readonly attributes: readonly string[];
  /** What a top-level attribute is set to where an addition goes inside it and it is missing. */
  readonly initial: Values;
  /** The counters that one member adds 1 to. The first names the item that members are grouped by. */
  readonly counts: (member: PlainItem) => readonly CounterPlace[];
  readonly writes: readonly DeclaredWrites[];
}

/** One step of a migration, as data. */
export type MigrationStep = EnsureIndexStep | BackfillStep | CounterStep;

/** What a file of migrations/<model>/ exports by default. */
export interface Migration {
  /** The file's name without `.ts`. Migrations run in the order of their ids, compared by code unit. */
  readonly id: string;
  readonly description: string;
  readonly steps: readonly MigrationStep[];
}

/** Checks the types of a migration and returns it as it is. */
export function defineMigration(migration: Migration): Migration {
  return migration;
}

/**
 * A step that makes sure of a global secondary index: absent, it is made (and awaited); present and
 * equal, it is adopted; present and different, the migration fails and says in which fields.
 */
export function ensureIndex(index: string, design: IndexDesign): EnsureIndexStep {
  return { kind: "ensureIndex", id: `ensure-index-${index}`, index, design, writes: [] };
}

/** The attributes that a backfill gives. */
export function attributesOf(set: BackfillStep["set"]): readonly string[] {
  return isComputed(set) ? set.attributes : Object.keys(set);
}

/** Whether the values are worked out for each item. */
export function isComputed(set: BackfillStep["set"]): set is ComputedValues {
  return typeof set.values === "function";
}

/**
 * A step that sets attributes where they are missing, by conditional updates of those attributes alone.
 * @param backfill `undo: "remove"` lets `migrate down` remove the attributes where they still are as this
 * step gives them, also where the application set them so; what differs is left and reported. The default
 * is to refuse
 */
export function backfill(
  backfill: Pick<BackfillStep, "id" | "where" | "set"> & Partial<Pick<BackfillStep, "undo">>,
): BackfillStep {
  const { where, set } = backfill;
  const writes = [{ where, attributes: attributesOf(set) }];
  return { kind: "backfill", undo: "refuse", ...backfill, writes };
}

/**
 * A step that counts members exactly, beside live traffic. Live writes must keep the same rule before it
 * runs: a create sets the mark and adds 1 in one transaction; a delete of a marked member subtracts 1 in
 * one transaction, under the condition that the mark is there; a delete of an unmarked one subtracts nothing.
 */
export function counter(
  counter: Omit<CounterStep, "kind" | "writes" | "initial"> & Partial<Pick<CounterStep, "initial">>,
): CounterStep {
  const writes = [
    { where: counter.members, attributes: [counter.mark] },
    { where: counter.on, attributes: counter.attributes },
  ];
  return { kind: "counter", initial: {}, ...counter, writes };
}
