import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { SeedFileChangedError } from "../errors.ts";
import type { CheckReport } from "../file/check-seed-file.ts";
import { readSeedChunks, type SeedInput } from "../file/read-seed-file.ts";
import type { Defect, TableKeys } from "../file/records.ts";
import { ItemHasher } from "../prove/leave-out.ts";
import { createInsertSender } from "./insert-items.ts";
import type { LoadCounts } from "./load-counts.ts";
import { loadItems } from "./load-items.ts";
import type { LoadOptions, LoadOutcome } from "./load-options.ts";
import { Rejects } from "./rejects.ts";
import type { SeedMode } from "./seed-mode.ts";
import { createBatchSender, type WriteSender } from "./send-batch.ts";
import { markIdentical } from "./skip-identical.ts";
import type { Stop } from "./stop.ts";

/** What is loaded into what. */
export interface FileLoad {
  /** Sends each request once: the loader decides what is sent again. */
  readonly writer: WriteSender;
  readonly table: string;
  readonly keys: TableKeys;
  /** A file's path, or several files. */
  readonly file: string | SeedInput;
  /** What the check of the same file found. */
  readonly checked: Pick<CheckReport, "source" | "items" | "superseded">;
  /** Where rejected items go. */
  readonly rejectsFile: string;
  /** What is done about items that are there already. Default `upsert`. */
  readonly mode?: SeedMode | undefined;
  /** What applied migrations wrote: an item that differs in nothing else is there already, equal. Default: nothing. */
  readonly leftOut?: readonly DeclaredWrites[] | undefined;
  /** Reads each item before it is written: those that are there, equal, are not. Default: nothing is read. */
  readonly lookAhead?: Pick<DynamoDBClient, "send"> | undefined;
  /** Show the kinds of values of rejected items instead of the values. Default false. */
  readonly redact?: boolean | undefined;
}

/** How a file is loaded. */
export interface FileLoadOptions extends Omit<LoadOptions, "onReject" | "superseded" | "batchItems"> {
  /** Called with the number of bytes read so far. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/** What the load of a file came to. */
export interface LoadResult extends LoadCounts {
  readonly retriedItems: number;
  readonly requests: number;
  readonly seconds: number;
  /** Items written a second. */
  readonly itemsPerSecond: number;
  readonly consumedWriteUnits: number;
  /** The file of rejected items, where there are any. */
  readonly rejects: string | undefined;
  /** The first of the rejected items. */
  readonly listedRejects: readonly Defect[];
  /** Why the load ended early, where it did. */
  readonly stop: Stop | undefined;
}

/** How a mode sends items. */
function sendingOf({ writer, table, keys, mode, leftOut = [] }: FileLoad) {
  if (mode !== "insert") return { send: createBatchSender(writer, table, primaryKeyNames(keys)) };
  const hasher = new ItemHasher(leftOut);
  const isEqual = (stored: StoredItem, put: StoredItem) => hasher.hash(stored).equals(hasher.hash(put));
  return { send: createInsertSender(writer, table, keys.partitionKey.name, isEqual), batchItems: 1 };
}

/** Counts what a stopped load never read as unwritten; a load that ran to its end must have read all. */
function settleUnread(
  { tally, stop }: LoadOutcome,
  { source, items }: Pick<CheckReport, "source" | "items">,
): Stop | undefined {
  const { read } = tally.counts();
  if (!stop && read === items) return undefined;
  if (!stop) return { kind: "failed", error: new SeedFileChangedError(source, items, read) };
  const unread = Math.max(0, items - read);
  tally.read(unread);
  tally.settle("unwritten", unread);
  return stop;
}

/** Closes the rejects file; one that could not be written to its end is no reason to lose the counts. */
async function closeRejects(rejects: Rejects): Promise<{ path?: string | undefined; stop?: Stop }> {
  try {
    return { path: await rejects.close() };
  } catch (error) {
    return { stop: { kind: "failed", error } };
  }
}

/**
 * Loads a checked seed file into a table. The counts of the result add up; a load that stopped early
 * says why in `stop`.
 * @throws {SumError} when the counts do not add up.
 */
export async function loadFile(load: FileLoad, options: FileLoadOptions = {}): Promise<LoadResult> {
  const { table, keys, file, checked, lookAhead: client } = load;
  const { onBytes, ...loadOptions } = options;
  const rejects = new Rejects(load.rejectsFile, load.redact);
  const { send, batchItems } = sendingOf(load);
  const records = readSeedChunks(file, keys, { onBytes });
  const place = client && { client, table, keys, signal: options.signal };
  const startedAt = performance.now();
  const outcome = await loadItems(send, place ? markIdentical(records, place) : records, {
    ...loadOptions,
    batchItems,
    superseded: checked.superseded,
    onReject: (defect, item) => rejects.add(defect, item),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const closed = await closeRejects(rejects);
  const stop = settleUnread(outcome, checked) ?? closed.stop;
  const counts = outcome.tally.sum();
  return {
    ...counts,
    retriedItems: outcome.retriedItems,
    requests: outcome.requests,
    seconds,
    itemsPerSecond: seconds > 0 ? counts.written / seconds : 0,
    consumedWriteUnits: outcome.consumedWriteUnits,
    rejects: closed.path,
    listedRejects: rejects.listed,
    stop,
  };
}
