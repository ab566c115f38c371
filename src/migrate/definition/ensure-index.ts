import type { DeclaredWrites, ItemPattern } from "../../dynamo/item-pattern.ts";
import type { IndexDesign } from "../../dynamo/table-design.ts";

/** Makes a global secondary index, or adopts one that is there and equal. */
export interface EnsureIndexStep {
  readonly kind: "ensureIndex";
  readonly id: string;
  readonly index: string;
  readonly design: IndexDesign;
  /** Items that must be in the index: one that has none of its key attributes is a warning too. */
  readonly covers?: ItemPattern;
  /** How much of the table is looked at before the index is asked for. */
  readonly scan: "sample" | "full";
  /** Whether a warning fails the migration before the index is asked for. */
  readonly strict: boolean;
  readonly writes: readonly DeclaredWrites[];
}

/**
 * A step that makes sure of a global secondary index: absent, it is made (and awaited); present and
 * equal, it is adopted; present and different, the migration fails and says in which fields.
 *
 * Before an index is asked for, items are looked at: DynamoDB leaves out, without a word, those whose key values
 * are missing, empty or of another type.
 * @param options `covers` names the items that must be in the index; `strict` fails the migration where any
 * would be missing, and looks at all of the table; `scan: "full"` looks at all and warns. Default: a sample
 */
export function ensureIndex(
  index: string,
  design: IndexDesign,
  options: Partial<Pick<EnsureIndexStep, "covers" | "scan" | "strict">> = {},
): EnsureIndexStep {
  const { strict = false, scan = strict ? "full" : "sample" } = options;
  const id = `ensure-index-${index}`;
  return { kind: "ensureIndex", id, index, design, ...options, scan, strict, writes: [] };
}
