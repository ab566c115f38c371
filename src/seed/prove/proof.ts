import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";
import type { StoredItem } from "../../dynamo/scan.ts";

/** Whether the table may hold more than the file: `exact`, not; `contained`, it may. */
export type ProofScope = "exact" | "contained";

/** How table and file differ at one key. */
export type DifferenceKind =
  /** In the file, not in the table. */
  | "missing"
  /** In the table, not in the file. */
  | "extra"
  /** In both, with other attributes or values. */
  | "different";

/** One key at which table and file differ. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly key: StoredItem;
  /** The item's file, where there are several. */
  readonly source?: string | undefined;
  /** The item's line in the file, where it is there. */
  readonly line?: number | undefined;
}

/** Attributes that the comparison left out, because applied migrations write them. */
export interface LeftOut extends DeclaredWrites {
  /** Items of the table in which at least one of them was left out. */
  readonly items: number;
}

/** Whether table and file hold the same. */
export interface Proof {
  readonly status: "equal" | "different" | "skipped" | "indeterminate";
  readonly scope: ProofScope;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  /** The first of the differences. */
  readonly differences: readonly Difference[];
  readonly leftOut: readonly LeftOut[];
  /** Why it was skipped, or what kept it from an answer. */
  readonly message?: string | undefined;
}

/** A proof that was not made. */
export function skippedProof(message: string, scope: ProofScope = "contained"): Proof {
  return { ...emptyProof(scope), status: "skipped", message };
}

/** A proof that could not come to an answer. */
export function indeterminateProof(message: string, scope: ProofScope): Proof {
  return { ...emptyProof(scope), status: "indeterminate", message };
}

const emptyProof = (scope: ProofScope) => ({
  scope,
  missing: 0,
  extra: 0,
  different: 0,
  differences: [],
  leftOut: [],
});
