import type { ErrorDocument } from "../../errors.ts";
import type { Defect } from "../file/records.ts";
import type { LoadCounts } from "../load/load-counts.ts";
import type { Stop } from "../load/stop.ts";
import type { Proof } from "../prove/proof.ts";

/** The first event of every run. */
export interface SeedRunBegun {
  readonly type: "runBegun";
  readonly model: string;
  /** How messages call what is loaded. */
  readonly source: string;
  /** The time of day, as ISO 8601. */
  readonly time: string;
  /** Of this package, and of Node. */
  readonly versions: { readonly tablewright: string; readonly node: string };
  /** The options of the run, as far as they decide how it goes. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
}

/** The files are read for the first time, and each item is checked. */
export interface CheckBegun {
  readonly type: "checkBegun";
  /** Of the files, as they lie on the disk. */
  readonly bytes: number;
}

/** The check came to its end. */
export interface CheckFinished {
  readonly type: "checkFinished";
  readonly items: number;
  readonly itemBytes: number;
  readonly writeUnits: number;
  readonly superseded: number;
  readonly defects: number;
  readonly seconds: number;
}

/** The first write is about to be sent. */
export interface LoadBegun {
  readonly type: "loadBegun";
  readonly table: string;
  /** Where it goes, in words. */
  readonly target: string;
  readonly items: number;
  /** Requests in flight at most. */
  readonly concurrency: number;
}

/** Times between a request and the end of its answer, in milliseconds: the wait for its turn is not in them. */
export interface Latency {
  /** Answers, errors included. */
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * What went on since the last sample, or since the load began: the numbers of all samples of a load add up to
 * those of its result. One a second in the first hour; then every two seconds for two hours, and so on.
 */
export interface LoadSample {
  readonly type: "sample";
  /** How long it is of. */
  readonly seconds: number;
  readonly written: number;
  readonly rejected: number;
  readonly requests: number;
  /** Items that were sent for a second time. */
  readonly retriedItems: number;
  /** As DynamoDB reports them, indexes included. */
  readonly writeUnits: number;
  /** Requests in flight: on average over the time, and at most. */
  readonly inFlight: { readonly mean: number; readonly most: number };
  /** Undefined where no answer came. */
  readonly latency?: Latency | undefined;
  /** Requests that were throttled or left items over, by reason. */
  readonly throttles: Readonly<Record<string, number>>;
  /** Write units a second that are allowed on the table now; undefined: no limit. */
  readonly limit?: number | undefined;
}

/** DynamoDB refuses requests for want of capacity, and the load slows down; told again when the reason changes. */
export interface LoadThrottled {
  readonly type: "throttled";
  /** Such as "index GSI2, provisioned capacity". */
  readonly reason: string;
}

/** An item that DynamoDB refused, or a line that is no item. The file of rejects has the item. */
export interface ItemRejected extends Defect {
  readonly type: "rejected";
}

/** The last request was answered. */
export interface LoadFinished extends LoadCounts {
  readonly type: "loadFinished";
  readonly retriedItems: number;
  readonly requests: number;
  readonly consumedWriteUnits: number;
  readonly seconds: number;
  /** Why it ended early, where it did. */
  readonly stopped?: Stop["kind"] | undefined;
}

/** Table and file are about to be compared. */
export interface ProofBegun {
  readonly type: "proofBegun";
}

/** What the comparison found, in numbers: keys stand in the result. */
export interface ProofFinished
  extends Pick<Proof, "status" | "scope" | "missing" | "extra" | "different" | "readUnits"> {
  readonly type: "proofFinished";
  readonly seconds: number;
}

/** The last event of every run. */
export interface SeedRunFinished {
  readonly type: "runFinished";
  readonly exitCode: number;
  /** What `--json` prints, where the load came to a result. */
  readonly result?: Readonly<Record<string, unknown>>;
  /** Why it did not go through. */
  readonly error?: ErrorDocument | undefined;
}

/** What happens in a run of `seed`, as its code tells it. */
export type SeedEventFacts =
  | SeedRunBegun
  | CheckBegun
  | CheckFinished
  | LoadBegun
  | LoadSample
  | LoadThrottled
  | ItemRejected
  | LoadFinished
  | ProofBegun
  | ProofFinished
  | SeedRunFinished;

/** What happens in a run of `seed`. Plain data: it survives JSON. */
export type SeedEvent = SeedEventFacts & {
  /** Seconds since the run began. */
  readonly at: number;
};

/** Hears what happens in a run of `seed`. */
export type TellSeed = (event: SeedEventFacts) => void;
