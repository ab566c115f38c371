import type { StoredItem } from "../../dynamo/scan.ts";
import type { TableDesign } from "../../dynamo/table-design.ts";

/** The keys that items of a table must have. */
export type TableKeys = Pick<TableDesign, "partitionKey" | "sortKey" | "indexes">;

/** In which file something stands. */
export interface SourcePlace {
  /** The file, where there are several. */
  readonly source?: string | undefined;
}

/** One item of a seed file. */
export interface SeedItem extends SourcePlace {
  /** Counted from 1. */
  readonly line: number;
  /** May be made anew each time it is asked for. */
  readonly item: StoredItem;
  /** The same as DynamoDB JSON, as it stands in a request. */
  readonly wire: Buffer;
  /** The partition key in one spelling: equal where the keys are equal. */
  readonly partition: string;
  /** The primary key in one spelling. */
  readonly key: string;
  /** Size as DynamoDB counts it. */
  readonly bytes: number;
  /** What writing it to an empty table costs, indexes included. */
  readonly writeUnits: number;
}

/** Something wrong in a seed file, with its place. */
export interface Defect extends SourcePlace {
  readonly line: number;
  /** Counted from 1, in characters; missing where the whole line is meant. */
  readonly column?: number | undefined;
  readonly reason: string;
}

/** A line or a value of a seed file that is no item, or not a sound one. */
export interface DefectRecord {
  readonly kind: "defect";
  readonly line: number;
  readonly defects: readonly Defect[];
  /** Nothing behind it is read: where the next item begins cannot be told. */
  readonly endsReading?: boolean;
}

/** What a line or a value of a seed file turned out to be. */
export type SeedRecord = ({ readonly kind: "item" } & SeedItem) | DefectRecord;
