import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { retryFailures } from "../dynamo/backoff.ts";
import type { DeclaredCounts } from "../dynamo/item-pattern.ts";
import { type Lease, LeaseLostError, readHistory } from "../ledger/index.ts";
import { LiveCountsError, MigratedTableError } from "./errors.ts";
import { readSeedFile } from "./file/read-seed-file.ts";
import type { SeedRecord } from "./file/records.ts";
import { findLiveCount } from "./live-counts.ts";
import { type LoadPosition, Ordinals } from "./load/account.ts";
import { type FileLoad, type FileLoadOptions, type LoadResult, loadFile } from "./load/load-file.ts";
import type { Stop } from "./load/stop.ts";
import { indeterminateProof, type Proof, type ProofScope, skippedProof } from "./prove/proof.ts";
import { proveTable } from "./prove/prove-table.ts";
import { recordLoad } from "./record-load.ts";
import { writingMigrations } from "./writing-migrations.ts";

/** What a seed run does after the check of its file. */
export interface SeedRun extends FileLoad {
  /** Reads for the proof; may retry by itself. */
  readonly reader: Pick<DynamoDBClient, "send">;
  readonly lease: Lease;
  readonly proof: "full" | "none";
  /** What live writes may keep on the table; asked for only where the table holds something. */
  readonly declaredCounts: () => Promise<DeclaredCounts>;
  readonly loadOptions: Omit<FileLoadOptions, "signal">;
  /** Called before the keys of the file are read, to look for counts that the load would wipe. */
  readonly onLookForCounts?: (() => void) | undefined;
  /** Called when the load is over and the proof begins. */
  readonly onProof?: (() => void) | undefined;
}

/** What a seed run came to. */
export interface SeedResult extends LoadResult {
  readonly proof: Proof;
  /** What failed when the load was over, in the proof or in the ledger: the counts hold all the same. */
  readonly failedAfter?: unknown;
  /** The ledger to resume from, where the load has not ended well. */
  readonly ledger?: string | undefined;
}

async function isEmpty({ reader, table, lease }: SeedRun): Promise<boolean> {
  const { signal } = lease;
  const command = new ScanCommand({ TableName: table, Limit: 1, ConsistentRead: true });
  const { Items = [] } = await retryFailures(() => reader.send(command), { signal });
  return Items.length === 0;
}

/** The records of a file that an earlier run has left to this one. */
async function* unsettled(
  records: AsyncIterable<SeedRecord>,
  before: LoadPosition | undefined,
): AsyncGenerator<SeedRecord> {
  const ordinals = new Ordinals(before);
  for await (const record of records) if (ordinals.next() !== undefined) yield record;
}

/** @throws {LiveCountsError} where the load would wipe what live writes keep. */
async function refuseLiveCounts(run: SeedRun): Promise<void> {
  const { reader: client, table, keys, file, lease } = run;
  const declared = await run.declaredCounts();
  if (declared.marks.length === 0 && declared.counters.length === 0) return;
  run.onLookForCounts?.();
  const { signal } = lease;
  const place = { client, table, keys, signal };
  const records = unsettled(readSeedFile(file, keys, { signal }), run.ledger?.resumed?.position);
  const found = await findLiveCount(place, records, declared);
  if (found) throw new LiveCountsError(table, found);
}

/** Proves a load that came to its end. Never throws: what goes wrong here must not hide the counts. */
async function proofOf(run: SeedRun, scope: ProofScope): Promise<Pick<SeedResult, "proof" | "failedAfter">> {
  const { reader: client, table, keys, file, lease } = run;
  const { signal } = lease;
  try {
    const readFile = () => readSeedFile(file, keys, { signal });
    return { proof: await proveTable({ client, table, keys, readFile }, { scope, signal }) };
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

async function loadAndProve(run: SeedRun, scope: ProofScope): Promise<SeedResult> {
  const loaded = await loadFile(run, { ...run.loadOptions, signal: run.lease.signal });
  if (loaded.stop) return { ...loaded, proof: skippedProof("the load did not come to its end", scope) };
  if (run.proof === "none") return { ...loaded, proof: skippedProof("not asked for", scope) };
  run.onProof?.();
  return { ...loaded, ...(await proofOf(run, scope)), ...endOf(run.lease.signal) };
}

/** True where there is nothing to resume: everything was tried, and the proof has an answer or was not wanted. */
const hasEndedWell = ({ stop, proof }: SeedResult) => !stop && proof.status !== "indeterminate";

/**
 * Loads a checked file into a table that no migration has written to, and over no counts that live writes
 * keep, under the table's lease, proves that the table holds what the file says (exactly that, where it was empty before the load's first run), and notes the
 * load in the ledger. Once the load is over nothing is thrown any more: `failedAfter` says what failed.
 * @throws {MigratedTableError} {@link LiveCountsError} before anything is written.
 */
export async function seedTable(run: SeedRun): Promise<SeedResult> {
  const migrations = writingMigrations(await readHistory(run.lease.ledger));
  if (migrations.length > 0) throw new MigratedTableError(run.table, migrations);
  const { ledger } = run;
  const isEmptyNow = await isEmpty(run);
  if (!isEmptyNow) await refuseLiveCounts(run);
  if (!ledger?.resumed) ledger?.foundTable(isEmptyNow);
  const wasEmpty = ledger ? ledger.tableWasEmpty : isEmptyNow;
  const result = await loadAndProve(run, wasEmpty ? "exact" : "contained");
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
