import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { IndexCount } from "./count-indexes.ts";
import type { Expiring } from "./expiring-items.ts";
import type { SampleRequest } from "./proof-request.ts";

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

/** What of a file a sampled proof looked at. */
export interface Sample extends SampleRequest {
  /** Items that were looked at. */
  readonly items: number;
  /** Items of the file. */
  readonly of: number;
}

/** Whether table and file hold the same. */
export interface Proof {
  /** `sampled`: nothing is wrong with the items that were looked at, which says nothing of the others. */
  readonly status: "equal" | "different" | "sampled" | "skipped" | "indeterminate";
  readonly scope: ProofScope;
  readonly missing: number;
  /** Not looked for by a sample. */
  readonly extra: number;
  readonly different: number;
  /** The first of the differences. */
  readonly differences: readonly Difference[];
  /** The file with all of them, where there is any. */
  readonly differencesFile?: string | undefined;
  readonly leftOut: readonly LeftOut[];
  /** Entries of each global index that was asked for. */
  readonly indexes: readonly IndexCount[];
  /** What of the file expires, where the table has Time to Live. */
  readonly expiring?: Expiring | undefined;
  readonly sample?: Sample | undefined;
  /** Read units that it took, as DynamoDB reports them. */
  readonly readUnits: number;
  /** Why it was skipped, or what kept it from an answer. */
  readonly message?: string | undefined;
}

/** A proof that was not made. */
export function skippedProof(message: string, scope: ProofScope = "contained"): Proof {
  return { ...NOTHING_FOUND, scope, status: "skipped", message };
}

/** A proof that could not come to an answer. */
export function indeterminateProof(message: string, scope: ProofScope): Proof {
  return { ...NOTHING_FOUND, scope, status: "indeterminate", message };
}

const NOTHING_FOUND = {
  missing: 0,
  extra: 0,
  different: 0,
  differences: [],
  leftOut: [],
  indexes: [],
  readUnits: 0,
};
