import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { SeedFileChangedError } from "../errors.ts";
import type { CheckReport } from "../file/check-seed-file.ts";
import { readSeedChunks, type SeedInput } from "../file/read-seed-file.ts";
import type { Defect, TableKeys } from "../file/records.ts";
import type { LoadCounts } from "./load-counts.ts";
import { loadItems } from "./load-items.ts";
import type { LoadOptions, LoadOutcome } from "./load-options.ts";
import { Rejects } from "./rejects.ts";
import { createBatchSender, type WriteSender } from "./send-batch.ts";
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
  /** Show the kinds of values of rejected items instead of the values. Default false. */
  readonly redact?: boolean | undefined;
}

/** How a file is loaded. */
export interface FileLoadOptions extends Omit<LoadOptions, "onReject" | "superseded"> {
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
  const { writer, table, keys, file, checked } = load;
  const { onBytes, ...loadOptions } = options;
  const rejects = new Rejects(load.rejectsFile, load.redact);
  const send = createBatchSender(writer, table, primaryKeyNames(keys));
  const startedAt = performance.now();
  const outcome = await loadItems(send, readSeedChunks(file, keys, { onBytes }), {
    ...loadOptions,
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
