import { type DynamoDBClient, ScanCommand, type TableDescription } from "@aws-sdk/client-dynamodb";
import { retryFailures } from "../dynamo/backoff.ts";
import type { DeclaredCounts, DeclaredWrites } from "../dynamo/item-pattern.ts";
import { appliedWrites, type Lease, LeaseLostError, readHistory } from "../ledger/index.ts";
import { EmptyReplacementError, LiveCountsError, MigratedTableError } from "./errors.ts";
import type { CheckReport } from "./file/check-seed-file.ts";
import type { Superseded } from "./file/duplicates/superseded.ts";
import { readCheckedFile, readKeptFile } from "./file/read-checked-file.ts";
import { readSeedFile } from "./file/read-seed-file.ts";
import type { SeedRecord } from "./file/records.ts";
import { findLiveCount } from "./live-counts.ts";
import { type LoadPosition, Ordinals } from "./load/account.ts";
import { type FileLoad, type FileLoadOptions, type LoadResult, loadFile } from "./load/load-file.ts";
import type { Stop } from "./load/stop.ts";
import type { CountSoFar } from "./prove/count-indexes.ts";
import { type PreparedProof, type ProofSettings, prepareProof } from "./prove/prepare-proof.ts";
import { indeterminateProof, type Proof, type ProofScope, skippedProof } from "./prove/proof.ts";
import type { ProofOptions } from "./prove/proof-options.ts";
import type { ProofRequest } from "./prove/proof-request.ts";
import { proveTable } from "./prove/prove-table.ts";
import type { ReadEstimate } from "./prove/read-cost.ts";
import { recordLoad } from "./record-load.ts";
import { deleteOthers } from "./replace/delete-others.ts";
import { writingMigrations } from "./writing-migrations.ts";

/** What a seed run does after the check of its file. */
export interface SeedRun extends FileLoad {
  /** What the check of the same file found. */
  readonly checked: FileLoad["checked"] & Pick<CheckReport, "itemBytes">;
  /** Reads for the proof; may retry by itself. */
  readonly reader: Pick<DynamoDBClient, "send">;
  readonly lease: Lease;
  /** The live table, as it was before the load. */
  readonly description: TableDescription;
  readonly proof: ProofRequest;
  readonly proofSettings?: ProofSettings | undefined;
  /** What live writes may keep on the table; asked for only where the table holds something. */
  readonly declaredCounts: () => Promise<DeclaredCounts>;
  readonly loadOptions: Omit<FileLoadOptions, "signal">;
  /** Called before the keys of the file are read, to look for counts that the load would wipe. */
  readonly onLookForCounts?: (() => void) | undefined;
  /** Called with how many items it was looked for. */
  readonly onLooked?: ((items: number) => void) | undefined;
  /** Called with the migrations that have written to the table, where it is loaded all the same. */
  readonly onMigrated?: ((migrations: readonly string[]) => void) | undefined;
  /** Called before the load with what its proof will read. */
  readonly onReadCost?: ((estimate: ReadEstimate) => void) | undefined;
  /** Called before the first item is read to be written. */
  readonly onLoad?: (() => void) | undefined;
  /** Called when the load is over, whichever way. */
  readonly onLoaded?: ((result: LoadResult) => void) | undefined;
  /** Called when the proof begins. */
  readonly onProof?: (() => void) | undefined;
  /** Called when the proof is over, whichever way. */
  readonly onProved?: ((proof: Proof) => void) | undefined;
  /** Called with the bytes of the file that the proof has read. */
  readonly onProofBytes?: ((bytes: number) => void) | undefined;
  /** Called with the items of the table that the proof has gone over. */
  readonly onProofScanned?: ((items: number) => void) | undefined;
  /** Called with how far its count of an index has come. */
  readonly onCounted?: ((count: CountSoFar) => void) | undefined;
  /** Called when the load is over and what is not in the file is to be deleted. */
  readonly onDelete?: (() => void) | undefined;
  /** Called with what has been deleted. */
  readonly onDeleted?: ((items: number) => void) | undefined;
}

/** What a seed run came to. */
export interface SeedResult extends LoadResult {
  readonly proof: Proof;
  /** What failed when the load was over, in the proof or in the ledger: the counts hold all the same. */
  readonly failedAfter?: unknown;
  /** In `replace`: items that were deleted, as their keys are not in the file. */
  readonly deleted?: number | undefined;
  /** In `replace`: items that were found and not deleted, or not known to be, when it was stopped. */
  readonly undeleted?: number | undefined;
  /** The ledger to resume from, where the load has not ended well. */
  readonly ledger?: string | undefined;
}

async function isEmpty({ reader, table, lease }: SeedRun): Promise<boolean> {
  const { signal } = lease;
  const command = new ScanCommand({ TableName: table, Limit: 1, ConsistentRead: true });
  const { Items = [] } = await retryFailures(() => reader.send(command), { signal });
  return Items.length === 0;
}

/** The records of a file that an earlier run has left to this one, and that are to be written. */
async function* unsettled(
  records: AsyncIterable<SeedRecord>,
  before: LoadPosition | undefined,
  superseded: Superseded,
): AsyncGenerator<SeedRecord> {
  const ordinals = new Ordinals(before);
  for await (const record of records) {
    const ordinal = ordinals.next();
    if (ordinal === undefined) continue;
    // Nothing is kept open here: it would be every record of the file.
    ordinals.settle(ordinal);
    if (!superseded.has(ordinal)) yield record;
  }
}

/** @throws {LiveCountsError} where the load would wipe what live writes keep. */
async function refuseLiveCounts(run: SeedRun): Promise<void> {
  const { reader: client, table, keys, file, checked, lease } = run;
  const declared = await run.declaredCounts();
  if (declared.marks.length === 0 && declared.counters.length === 0) return;
  run.onLookForCounts?.();
  const { signal } = lease;
  const place = { client, table, keys, signal };
  const before = run.ledger?.resumed?.position;
  const records = unsettled(readSeedFile(file, keys, { signal }), before, checked.superseded);
  const found = await findLiveCount(place, records, declared, run.onLooked);
  if (found) throw new LiveCountsError(table, found, run.redact);
}

/** Proves a load that came to its end. Never throws: what goes wrong here must not hide the counts. */
async function proofOf(
  run: SeedRun,
  options: PreparedProof["options"] & Pick<ProofOptions, "leftOut">,
): Promise<Pick<SeedResult, "proof" | "failedAfter">> {
  const { reader: client, table, keys, file, checked, lease } = run;
  const { signal } = lease;
  const { scope } = options;
  const { onProofBytes: onBytes, onProofScanned: onScanned, onCounted } = run;
  try {
    const readFile = () => readKeptFile(file, keys, checked, { signal, onBytes });
    const subject = { client, table, keys, readFile };
    return { proof: await proveTable(subject, { ...options, signal, onScanned, onCounted }) };
  } catch (error) {
    if (signal.aborted) return { proof: indeterminateProof("stopped before the proof had ended", scope) };
    const reason = error instanceof Error ? error.message || error.name : String(error);
    return { proof: indeterminateProof(reason, scope), failedAfter: error };
  }
}

/** What it means for a load that is over when its lease's signal is aborted. */
function endOf({ aborted, reason }: AbortSignal): Pick<SeedResult, "failedAfter"> | { stop?: Stop } {
  if (!aborted) return {};
  return reason instanceof LeaseLostError
    ? { failedAfter: reason }
    : { stop: { kind: "interrupted", error: reason } };
}

function prepare(run: SeedRun, wasEmpty: boolean, scope: ProofScope): PreparedProof | undefined {
  const { proof, proofSettings, description, checked } = run;
  if (proof === "none") return undefined;
  const prepared = prepareProof(proof, { description, checked, wasEmpty, scope }, proofSettings);
  run.onReadCost?.(prepared.estimate);
  return prepared;
}

/** The load, and in `replace` the deletes behind it: only where the whole file is in the table. */
async function loadAndDelete(run: SeedRun, isEmptyNow: boolean): Promise<Omit<SeedResult, "proof">> {
  const { reader: client, writer, table, keys, file, checked, lease, loadOptions } = run;
  const { signal } = lease;
  run.onLoad?.();
  const loaded = await loadFile(run, { ...loadOptions, signal });
  run.onLoaded?.(loaded);
  if (run.mode !== "replace" || loaded.stop) return loaded;
  if (isEmptyNow || loaded.rejected > 0) return { ...loaded, deleted: 0, undeleted: 0 };
  run.onDelete?.();
  const readFile = () => readCheckedFile(file, keys, checked, { signal });
  const { concurrency, retryDeadlineMs, backoff, onStop } = loadOptions;
  const subject = { client, table, keys, readFile, checked };
  const deletion = await deleteOthers(writer, subject, {
    concurrency,
    retryDeadlineMs,
    backoff,
    onStop,
    onProgress: ({ written }) => run.onDeleted?.(written),
    signal,
  });
  return {
    ...loaded,
    deleted: deletion.deleted,
    undeleted: deletion.undeleted,
    retriedItems: loaded.retriedItems + deletion.retriedItems,
    requests: loaded.requests + deletion.requests,
    consumedWriteUnits: loaded.consumedWriteUnits + deletion.consumedWriteUnits,
    stop: deletion.stop,
  };
}

/** Whether the table held nothing. */
interface Emptiness {
  /** Before the load's first run. */
  readonly wasEmpty: boolean;
  /** Before this one: others may have written since the first. */
  readonly isEmptyNow: boolean;
}

async function loadAndProve(
  run: SeedRun,
  { wasEmpty, isEmptyNow }: Emptiness,
  leftOut: readonly DeclaredWrites[],
): Promise<SeedResult> {
  const isAllThereIs = wasEmpty || run.mode === "replace";
  const scope = isAllThereIs ? "exact" : "contained";
  const prepared = prepare(run, isAllThereIs, scope);
  const loaded = await loadAndDelete({ ...run, leftOut }, isEmptyNow);
  if (loaded.stop) return { ...loaded, proof: skippedProof("the load did not come to its end", scope) };
  if (!prepared) return { ...loaded, proof: skippedProof("not asked for", scope) };
  run.onProof?.();
  const options = { ...prepared.options, leftOut };
  const proved = await proofOf(run, options);
  run.onProved?.(proved.proof);
  return { ...loaded, ...proved, ...endOf(run.lease.signal) };
}

/** @throws {EmptyReplacementError} where the load would empty the table. */
function refuseEmptyReplacement({ mode, checked, table }: SeedRun): void {
  if (mode === "replace" && checked.items === 0) throw new EmptyReplacementError(table, checked.source);
}

/** True where there is nothing to resume: everything was tried, and the proof has an answer or was not wanted. */
const hasEndedWell = ({ stop, proof }: SeedResult) => !stop && proof.status !== "indeterminate";

/**
 * Loads a checked file into a table, under its lease, proves that the table holds what the file says (exactly
 * that in `replace`, and where it was empty before the load's first run), and notes the load in the ledger. What
 * migrations and live writes keep on the items of a table is not written over: only `insert`, which leaves them as
 * they are, goes on where there is any of it. Once the load is over nothing is thrown any more: `failedAfter` says
 * what failed.
 * @throws {EmptyReplacementError} {@link MigratedTableError} {@link LiveCountsError} {@link ReadLimitError} before
 * anything is written.
 */
export async function seedTable(run: SeedRun): Promise<SeedResult> {
  refuseEmptyReplacement(run);
  const history = await readHistory(run.lease.ledger);
  const migrations = writingMigrations(history);
  const writesOver = run.mode !== "insert";
  if (writesOver && migrations.length > 0) throw new MigratedTableError(run.table, migrations);
  const { ledger } = run;
  const isEmptyNow = await isEmpty(run);
  if (writesOver && !isEmptyNow) await refuseLiveCounts(run);
  if (!ledger?.resumed) ledger?.foundTable(isEmptyNow);
  const wasEmpty = ledger ? ledger.tableWasEmpty : isEmptyNow;
  if (migrations.length > 0) run.onMigrated?.(migrations);
  const result = await loadAndProve(run, { wasEmpty, isEmptyNow }, appliedWrites(history));
  const isOver = hasEndedWell(result);
  if (isOver) ledger?.remove();
  const ended = isOver ? result : { ...result, ledger: ledger?.file };
  try {
    await recordLoad(run.lease, run.checked.source, ended, ended.proof);
    return ended;
  } catch (error) {
    return { ...ended, failedAfter: ended.failedAfter ?? error };
  }
}
