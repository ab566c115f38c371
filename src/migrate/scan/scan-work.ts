import type { ScanOptions, StoredItem } from "../../dynamo/scan.ts";
import type { Batch } from "./batch.ts";

/** What a step does with the items that a scan finds. */
export interface ScanWork {
  readonly filter: NonNullable<ScanOptions["filter"]>;
  /** The attributes it looks at. Default: all of an item. */
  readonly attributes?: readonly string[];
  /** Gives up when so many passes have found items that need it. */
  readonly maxPasses: number;
  /** How many items it may set aside, over all passes. Default 0: the first one that fails ends the scan. */
  readonly maxFailures?: number;
  /**
   * Deals with items of one segment, and resolves when every write is acknowledged. An item that it is
   * given again finds it done.
   */
  handle(items: readonly StoredItem[], batch: Batch): Promise<void>;
}

/** What a scan came to. */
export interface ScanOutcome {
  /** What was done, by name, in all passes. */
  readonly counts: Readonly<Record<string, number>>;
  readonly passes: number;
  /** Items that the last pass left as they are, and the keys of some of them. */
  readonly left: number;
  readonly named: readonly string[];
  /** Items that the last pass found set aside, or set aside. */
  readonly setAside: number;
}

/** How a scan goes about it; tests and small machines take other values. */
export interface ScanSettings {
  /** TotalSegments. Default: by the table's size. */
  readonly segments?: number;
  /** Segments that this process works on at once. Default 4. */
  readonly workers?: number;
  /** Items that a page reads at most, before the filter. Default: as many as fit into 1 MB. */
  readonly pageItems?: number;
  /** Items of a segment that are handed on together. Default 1,250: enough to group members by their hub. */
  readonly gather?: number;
  /** Time between two checkpoints, in milliseconds. Default 1,000. */
  readonly checkpointMs?: number;
}
