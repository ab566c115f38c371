import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { retryFailures } from "../dynamo/backoff.ts";
import { type Lease, readHistory } from "../ledger/index.ts";
import { MigratedTableError } from "./errors.ts";
import { readSeedFile } from "./file/read-seed-file.ts";
import { type FileLoad, type FileLoadOptions, type LoadResult, loadFile } from "./load/load-file.ts";
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
  readonly loadOptions: Omit<FileLoadOptions, "signal">;
  /** Called when the load is over and the proof begins. */
  readonly onProof?: (() => void) | undefined;
}

/** What a seed run came to. */
export interface SeedResult extends LoadResult {
  readonly proof: Proof;
}

async function isEmpty(client: Pick<DynamoDBClient, "send">, table: string): Promise<boolean> {
  const command = new ScanCommand({ TableName: table, Limit: 1, ConsistentRead: true });
  const { Items = [] } = await retryFailures(() => client.send(command));
  return Items.length === 0;
}

async function proveLoad(run: SeedRun, scope: ProofScope): Promise<Proof> {
  const { reader: client, table, keys, file, lease } = run;
  const readFile = () => readSeedFile(file, keys);
  try {
    return await proveTable({ client, table, keys, readFile }, { scope, signal: lease.signal });
  } catch (error) {
    if (!lease.signal.aborted) throw error;
    return indeterminateProof("stopped before the proof had ended", scope);
  }
}

async function loadAndProve(run: SeedRun): Promise<SeedResult> {
  const { table, reader, lease } = run;
  const scope: ProofScope = (await isEmpty(reader, table)) ? "exact" : "contained";
  const loaded = await loadFile(run, { ...run.loadOptions, signal: lease.signal });
  if (loaded.stop) return { ...loaded, proof: skippedProof("the load did not come to its end", scope) };
  if (run.proof === "none") return { ...loaded, proof: skippedProof("not asked for", scope) };
  run.onProof?.();
  const proof = await proveLoad(run, scope);
  const { aborted, reason: error } = lease.signal;
  return { ...loaded, proof, stop: aborted ? { kind: "interrupted", error } : undefined };
}

/**
 * Loads a checked file into a table that no migration has written to, under the table's lease, proves
 * that the table holds what the file says (exactly that, where it was empty before), and notes the
 * load in the ledger.
 * @throws {MigratedTableError}
 */
export async function seedTable(run: SeedRun): Promise<SeedResult> {
  const migrations = writingMigrations(await readHistory(run.lease.ledger));
  if (migrations.length > 0) throw new MigratedTableError(run.table, migrations);
  const result = await loadAndProve(run);
  await recordLoad(run.lease, run.checked.source, result, result.proof);
  return result;
}
