import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { SeedFileChangedError } from "../errors.ts";
import type { CheckReport } from "../file/check-seed-file.ts";
import { readSeedChunks, type SeedInput } from "../file/read-seed-file.ts";
import type { Defect, TableKeys } from "../file/records.ts";
import { ItemHasher } from "../prove/leave-out.ts";
import { LoadAccount, settledCount } from "./account.ts";
import { createInsertSender } from "./insert-items.ts";
import { type KeepOptions, LedgerKeeper } from "./ledger/keep-ledger.ts";
import type { LoadLedger } from "./ledger/load-ledger.ts";
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
  /** Where rejected items go; a load that is resumed goes on with the file that it had. */
  readonly rejectsFile: string;
  /** What is done about items that are there already. Default `upsert`. */
  readonly mode?: SeedMode | undefined;
  /** What applied migrations wrote: an item that differs in nothing else is there already, equal. Default: nothing. */
  readonly leftOut?: readonly DeclaredWrites[] | undefined;
  /** Reads each item before it is written: those that are there, equal, are not. Default: nothing is read. */
  readonly lookAhead?: Pick<DynamoDBClient, "send"> | undefined;
  /** Show the kinds of values of rejected items instead of the values. Default false. */
  readonly redact?: boolean | undefined;
  /** Keeps how far the load has come, and knows where it is to go on. Without it a load cannot be resumed. */
  readonly ledger?: LoadLedger | undefined;
}

/** How a file is loaded. */
export interface FileLoadOptions
  extends Omit<LoadOptions, "onReject" | "superseded" | "batchItems" | "account"> {
  /** How the ledger is kept. */
  keep?: KeepOptions | undefined;
  /** Called with the number of bytes read so far. */
  onBytes?: ((bytes: number) => void) | undefined;
  /** Hears of what goes to the file of rejected items. */
  onRejected?: ((defects: readonly Defect[]) => void) | undefined;
}

/** An earlier run of a load that was resumed. */
export interface ResumedLoad {
  readonly ledger: string;
  /** When the load's first run began, in ISO 8601. */
  readonly startedAt: string;
  /** How many items had come to their end before this run. */
  readonly settled: number;
}

/** What the load of a file came to: the counts are those of all its runs, the rest is of this one. */
export interface LoadResult extends LoadCounts {
  readonly resumed: ResumedLoad | undefined;
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

/** Loads the items of a file that no earlier run has settled. */
async function loadRest(
  load: FileLoad,
  { onBytes, onRejected, keep, ...loadOptions }: FileLoadOptions,
  rejects: Rejects,
): Promise<LoadOutcome> {
  const { table, keys, file, checked, ledger, lookAhead: client } = load;
  const before = ledger?.resumed?.position;
  const account = new LoadAccount(before);
  const keeper = ledger && (await LedgerKeeper.start({ ledger, account, rejects }, keep));
  try {
    const records = readSeedChunks(file, keys, { onBytes });
    const place = client && { client, table, keys, signal: loadOptions.signal };
    const { send, batchItems } = sendingOf(load);
    return await loadItems(send, place ? markIdentical(records, place, before) : records, {
      ...loadOptions,
      batchItems,
      account,
      superseded: checked.superseded,
      onReject: (defects, item) => {
        onRejected?.(defects);
        return rejects.add(defects, item);
      },
    });
  } finally {
    await keeper?.stop();
  }
}

/** What an earlier run did, where there was one. */
function resumedLoad(ledger: LoadLedger | undefined): ResumedLoad | undefined {
  if (!ledger?.resumed) return undefined;
  const { startedAt, position } = ledger.resumed;
  return { ledger: ledger.file, startedAt, settled: settledCount(position) };
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
 * @throws {LoadLedgerWriteError} {@link RejectsChangedError} before anything is written.
 */
export async function loadFile(load: FileLoad, options: FileLoadOptions = {}): Promise<LoadResult> {
  const { checked, ledger, rejectsFile, redact } = load;
  const before = ledger?.resumed;
  const rejects = before ? await Rejects.reopen(before.rejects, redact) : Rejects.none(rejectsFile, redact);
  const startedAt = performance.now();
  const outcome = await loadRest(load, options, rejects);
  const seconds = (performance.now() - startedAt) / 1000;
  const closed = await closeRejects(rejects);
  const stop = settleUnread(outcome, checked) ?? closed.stop;
  const counts = outcome.tally.sum();
  return {
    ...counts,
    resumed: resumedLoad(ledger),
    retriedItems: outcome.retriedItems,
    requests: outcome.requests,
    seconds,
    itemsPerSecond: seconds > 0 ? (counts.written - (before?.position.counts.written ?? 0)) / seconds : 0,
    consumedWriteUnits: outcome.consumedWriteUnits,
    rejects: closed.path,
    listedRejects: rejects.listed,
    stop,
  };
}
