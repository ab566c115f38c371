import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";
import type { IndexDesign } from "../../dynamo/table-design.ts";

/** Makes a global secondary index, or adopts one that is there and equal. */
export interface EnsureIndexStep {
  readonly kind: "ensureIndex";
  readonly id: string;
  readonly index: string;
  readonly design: IndexDesign;
  readonly writes: readonly DeclaredWrites[];
}

/**
 * A step that makes sure of a global secondary index: absent, it is made (and awaited); present and
 * equal, it is adopted; present and different, the migration fails and says in which fields.
 */
export function ensureIndex(index: string, design: IndexDesign): EnsureIndexStep {
  return { kind: "ensureIndex", id: `ensure-index-${index}`, index, design, writes: [] };
}
