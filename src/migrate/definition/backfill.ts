import type { DeclaredWrites, ItemPattern } from "../../dynamo/item-pattern.ts";
import type { PlainItem, Values } from "./values.ts";

/** Values that are worked out for each item. */
export interface ComputedValues {
  /** The attributes it looks at. An item on which one of them changes meanwhile is looked at again. */
  readonly from: readonly string[];
  /** The attributes it gives. */
  readonly attributes: readonly string[];
  /**
   * The values of one item; undefined leaves the item as it is. The same item gives the same values: no
   * clock, nothing random.
   */
  readonly values: (item: PlainItem) => Values | undefined;
}

/** Sets attributes on the items that need it. */
export interface BackfillStep {
  readonly kind: "backfill";
  readonly id: string;
  readonly where: ItemPattern;
  readonly set: Values | ComputedValues;
  /** Whether values that are there, and are others, are overwritten. */
  readonly overwrite: boolean;
  /** What `migrate down` does: remove the attributes, put back what the journal kept, or refuse. */
  readonly undo: "remove" | "journal" | "refuse";
  /** How many items may be set aside before the migration fails. */
  readonly maxFailures: number;
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
 * A step that sets attributes, by conditional updates of those attributes alone: where they are missing,
 * or, with `overwrite: true`, also where their values are others.
 *
 * `undo` says what `migrate down` does. The default is to refuse.
 * - `"remove"` removes the attributes where they still are as this step gives them, also where the
 *   application set them so; what differs is left and reported.
 * - `"journal"` keeps what each item had, in the ledger's table and in the same transaction as the update
 *   (which doubles its write units), and puts that back where the value still is the one that the step gave.
 *
 * `maxFailures` items (default 0) on which `set` throws, or whose values DynamoDB refuses, are set aside, and
 * tried again by `migrate retry-failed`; one more fails the migration.
 * @throws {TypeError} for an overwriting step that would remove: the old values would be gone.
 */
export function backfill(
  backfill: Pick<BackfillStep, "id" | "where" | "set"> &
    Partial<Pick<BackfillStep, "undo" | "overwrite" | "maxFailures">>,
): BackfillStep {
  const { set, overwrite = false, undo = "refuse", maxFailures = 0 } = backfill;
  if (overwrite && undo === "remove") {
    throw new TypeError(
      `step ${backfill.id}: what it overwrites cannot be undone by "remove"; say "journal" or "refuse"`,
    );
  }
  // A file is not type-checked when it is loaded: a missing `set` is for its schema to report.
  const writes = [{ where: backfill.where, attributes: set ? attributesOf(set) : [] }];
  return { kind: "backfill", ...backfill, overwrite, undo, maxFailures, writes };
}
