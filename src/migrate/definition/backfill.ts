import type { DeclaredWrites, ItemPattern } from "../../dynamo/item-pattern.ts";
import type { PlainItem, Values } from "./values.ts";

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
  // A file is not type-checked when it is loaded: a missing `set` is for its schema to report.
  const writes = [{ where, attributes: set ? attributesOf(set) : [] }];
  return { kind: "backfill", undo: "refuse", ...backfill, writes };
}
