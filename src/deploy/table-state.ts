import type { IndexDesign, KeyAttribute } from "../dynamo/table-design.ts";

/** Provisioned units a second. */
export interface Capacity {
  readonly read: number;
  readonly write: number;
}

/** How a table is billed. */
export type Billing =
  | { readonly mode: "PAY_PER_REQUEST" }
  | { readonly mode: "PROVISIONED"; readonly capacity: Capacity };

/**
 * A global secondary index. Its `capacity` means something where the table is provisioned; of an on-demand
 * table AWS says 0, and DynamoDB Local what it was before.
 */
export interface IndexState {
  readonly design: IndexDesign;
  readonly capacity?: Capacity | undefined;
}

/** What a change stream carries (API_StreamSpecification). */
export const STREAM_VIEWS = ["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"] as const;
export type StreamView = (typeof STREAM_VIEWS)[number];

/** All of a table that a deploy makes and compares, declared or as found. */
export interface TableState {
  /** The physical name. */
  readonly name: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey?: KeyAttribute | undefined;
  readonly indexes: Readonly<Record<string, IndexState>>;
  readonly localIndexes: Readonly<Record<string, IndexDesign>>;
  readonly billing: Billing;
  /** Undefined: no stream. */
  readonly streamView?: StreamView | undefined;
  /** Undefined: items do not expire. */
  readonly ttlAttribute?: string | undefined;
  readonly deletionProtection: boolean;
}

/** Parts of a declared table that a deploy leaves as they are once the table exists. */
export type IgnoredPart =
  | "indexes"
  | "indexCapacity"
  | "localIndexes"
  | "billingMode"
  | "readCapacity"
  | "writeCapacity"
  | "stream"
  | "streamView"
  | "ttl"
  | "deletionProtection";

/** A table as the Pulumi program declares it. */
export interface DeclaredTable extends TableState {
  readonly urn: string;
  /** From the resource's `ignoreChanges`. */
  readonly ignored: ReadonlySet<IgnoredPart>;
  /** Declared properties that only AWS has, by the provider's names. */
  readonly notAppliedLocally: readonly string[];
}

/** One way in which a live table differs from its declaration. */
export interface TableDifference {
  readonly field: string;
  readonly declared: string;
  readonly found: string;
}
