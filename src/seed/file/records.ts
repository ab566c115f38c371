import type { StoredItem } from "../../dynamo/scan.ts";
import type { TableDesign } from "../../dynamo/table-design.ts";

/** The keys that items of a table must have. */
export type TableKeys = Pick<TableDesign, "partitionKey" | "sortKey" | "indexes">;

/** One item of a seed file. */
export interface SeedItem {
  /** Counted from 1. */
  readonly line: number;
  readonly item: StoredItem;
  /** The primary key in one spelling: equal where the keys are equal. */
  readonly key: string;
  /** Size as DynamoDB counts it. */
  readonly bytes: number;
}

/** Something wrong in a seed file, with its place. */
export interface Defect {
  readonly line: number;
  /** Counted from 1, in characters; missing where the whole line is meant. */
  readonly column?: number | undefined;
  readonly reason: string;
}

/** What a line of a seed file turned out to be. */
export type SeedRecord =
  | ({ readonly kind: "item" } & SeedItem)
  | { readonly kind: "defect"; readonly line: number; readonly defects: readonly Defect[] };
