import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";

/** Drops a global secondary index. */
export interface DropIndexStep {
  readonly kind: "dropIndex";
  readonly id: string;
  readonly index: string;
  /** What `migrate down` does: make the index again as it was, or refuse. */
  readonly undo: "recreate" | "refuse";
  readonly writes: readonly DeclaredWrites[];
}

/**
 * A step that drops a global secondary index, once no reader needs it any more. Refused where the Pulumi
 * program owns the indexes. The index's design is noted down first, so that `migrate down` can make it again.
 * @param options `undo: "refuse"` makes `migrate down` refuse. Default "recreate"
 */
export function dropIndex(index: string, options: Partial<Pick<DropIndexStep, "undo">> = {}): DropIndexStep {
  return { kind: "dropIndex", id: `drop-index-${index}`, index, undo: "recreate", ...options, writes: [] };
}
