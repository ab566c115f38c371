import type { BackoffOptions } from "../../dynamo/backoff.ts";
import type { Superseded } from "../file/duplicates/superseded.ts";
import type { Defect, SeedItem } from "../file/records.ts";
import type { LoadAccount } from "./account.ts";
import type { LoadCounts } from "./load-counts.ts";
import type { HotKeyTurns } from "./parked-items.ts";
import type { SeedMode } from "./seed-mode.ts";
import type { Stop } from "./stop.ts";
import type { Tally } from "./tally.ts";

/** Requests in flight at once, where nothing else is said. */
export const DEFAULT_CONCURRENCY = 16;
/** In `insert` a request carries one item: 16 of them would mostly wait for their answers. */
const INSERT_CONCURRENCY = 64;

/** Requests in flight at once in a mode, where nothing else is said. */
export const defaultConcurrency = (mode: SeedMode | undefined) =>
  mode === "insert" ? INSERT_CONCURRENCY : DEFAULT_CONCURRENCY;

/** Give up when nothing could be written for so long, where nothing else is said. */
export const DEFAULT_RETRY_DEADLINE_MS = 60_000;

/**
 * Takes an item that DynamoDB refused, or a line that is no item, with the reasons. What it keeps of it is
 * noted before it first waits, so that the account and the rejects never tell different stories.
 */
export type RejectHandler = (defects: readonly Defect[], item?: SeedItem) => Promise<void>;

/** How far a load has come: the counts are those of all its runs, the rest is of this one. */
export interface LoadSoFar extends LoadCounts {
  /** Items that were sent more than once. */
  readonly retriedItems: number;
  readonly requests: number;
  readonly consumedWriteUnits: number;
}

/** How items are loaded. */
export interface LoadOptions {
  /** Requests in flight at once. Default {@link DEFAULT_CONCURRENCY}. */
  concurrency?: number | undefined;
  /** Items of one request, at most. Default 25. */
  batchItems?: number | undefined;
  /** Stop when more than so many items were rejected. Default 0. */
  maxRejects?: number | undefined;
  /** Records that are left out, as others have their keys. Default: none. */
  superseded?: Superseded | undefined;
  /** Stop when nothing was written for so long, in milliseconds. Default {@link DEFAULT_RETRY_DEADLINE_MS}. */
  retryDeadlineMs?: number | undefined;
  backoff?: BackoffOptions | undefined;
  /** Aborted: requests in flight finish, nothing more is sent. */
  signal?: AbortSignal | undefined;
  /** Tells when items of a hot key may go. Default: no key is known as hot. */
  hotKeyTurns?: HotKeyTurns | undefined;
  onReject: RejectHandler;
  /** Keeps what became of each record. Default: one of a load that begins. */
  account?: LoadAccount | undefined;
  /** Called once when the load is to stop early: what still waits to be sent need not be sent. */
  onStop?: (() => void) | undefined;
  /** Called after every request. */
  onProgress?: ((soFar: LoadSoFar) => void) | undefined;
}

/** What a load came to. The counts do not include what was never read from the source. */
export interface LoadOutcome {
  readonly tally: Tally;
  /** Items that were sent more than once. */
  readonly retriedItems: number;
  readonly requests: number;
  readonly consumedWriteUnits: number;
  /** Undefined where everything was read and tried. */
  readonly stop: Stop | undefined;
}
