import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { counted } from "../../counted.ts";
import type { RateLimit } from "../../dynamo/pace/rate-limit.ts";
import type { WireClient } from "../../dynamo/wire/wire-client.ts";
import type { Lease, Ledger } from "../../ledger/index.ts";
import type { SeedEvents } from "../../seed/events/seed-events.ts";
import type { CheckReport } from "../../seed/file/check-seed-file.ts";
import type { SeedItem, TableKeys } from "../../seed/file/records.ts";
import type { LoadIdentity } from "../../seed/load/ledger/ledger-content.ts";
import type { LoadLedger } from "../../seed/load/ledger/load-ledger.ts";
import { defaultConcurrency } from "../../seed/load/load-options.ts";
import type { LoadPace } from "../../seed/load/pace-load.ts";
import type { ProofRequest } from "../../seed/prove/proof-request.ts";
import type { ReadEstimate } from "../../seed/prove/read-cost.ts";
import type { SeedResult } from "../../seed/seed-table.ts";
import type { CommandContext, Connection } from "../context.ts";
import { isRedacted } from "../options.ts";
import { announceMode } from "./announce-mode.ts";
import { forgetLedgers, type LedgerRequest, openLoadLedger } from "./load-ledger.ts";
import type { ModeRequest } from "./mode-options.ts";
import { openTable, requireSoundFile, stateFile } from "./open-seed.ts";
import { type ProofWishes, proofSettings } from "./proof-options.ts";
import { type OpenInput, openSeedInput, type SeedInputOptions, sizeOf } from "./seed-input.ts";
import { RunShow } from "./show-run.ts";
import type { TakenBack } from "./take-back-migrations.ts";

/** How a load is asked for. */
export interface SeedRequest extends SeedInputOptions, ProofWishes, ModeRequest, LedgerRequest {
  readonly concurrency?: number | undefined;
  /** Give up when nothing was written for so long. */
  readonly retrySeconds?: number | undefined;
  /** How fast it may go, as on the command line. Default: half of the table's capacity on AWS, where it has any. */
  readonly rate?: readonly string[] | undefined;
  readonly proof: ProofRequest;
  /** What is to be loaded, where it is open already. */
  readonly input?: OpenInput | undefined;
  /** Hears of the run. */
  readonly events?: SeedEvents | undefined;
  /** Take back the migrations that have written to the table, rather than refuse it. */
  readonly redoMigrations?: boolean | undefined;
}

/** What a load came to, with the names it goes by. */
export interface SeedOutcome {
  readonly table: string;
  readonly source: string;
  readonly result: SeedResult;
  readonly connection: Connection;
  /** The migrations that were taken back, and want to be run again. */
  readonly pendingAgain: readonly string[];
}

/** Everything a load needs, found and checked. */
interface PreparedLoad {
  readonly show: RunShow;
  readonly file: OpenInput;
  readonly fileBytes: number;
  readonly checked: CheckReport;
  readonly connection: Connection;
  /** What writes: each request once, as the loader decides what is sent again. */
  readonly wire: WireClient;
  readonly table: string;
  readonly description: TableDescription;
  readonly keys: TableKeys;
  /** The attribute by which items of the table expire. */
  readonly timeToLive: string | undefined;
  readonly ledger: Ledger;
  /** Which load it is: whoever resumes it must mean the same. */
  readonly identity: LoadIdentity;
  readonly loadLedger: LoadLedger | undefined;
  readonly pace: LoadPace;
}

/** Holds the run's clients to the rate that was asked for. */
async function openPace(
  {
    connection,
    wire,
    description,
    keys,
    show,
  }: Pick<PreparedLoad, "connection" | "wire" | "keys" | "show"> & { description: TableDescription },
  rate: RateLimit | undefined,
): Promise<LoadPace> {
  const { paceLoad } = await import("../../seed/load/pace-load.ts");
  const { target, client: reader } = connection;
  const partitionKey = keys.partitionKey.name;
  const place = { description, partitionKey, target, rate, onThrottle: show.onThrottle };
  return paceLoad({ writer: show.watch(wire), reader }, place);
}

/** The options that change what is loaded: whoever resumes a load must mean the same. */
function optionsThatMatter({ format, duplicates, mode }: SeedRequest): Record<string, string> {
  return {
    ...(format !== undefined && { format }),
    ...(duplicates !== undefined && { duplicates }),
    ...(mode !== undefined && mode !== "upsert" && { mode }),
  };
}

async function prepareLoad(context: CommandContext, request: SeedRequest): Promise<PreparedLoad> {
  const { identityOf, openLedger } = await import("../../ledger/index.ts");
  const { parseRate } = await import("../../dynamo/pace/rate-limit.ts");
  const { timeToLiveAttribute } = await import("../../dynamo/time-to-live.ts");
  const { ExpiringItems } = await import("../../seed/prove/expiring-items.ts");
  const show = new RunShow(context.log, request.events);
  const rate = request.rate && parseRate(request.rate);
  const file = request.input ?? (await openSeedInput(context, request));
  const fileBytes = await sizeOf(file);
  const connection = await context.connect();
  const { table, description, keys } = await openTable(context, connection);
  const { WireClient } = await import("../../dynamo/wire/wire-client.ts");
  const wire = new WireClient(connection.client, request.concurrency ?? defaultConcurrency(request.mode));
  const pace = await openPace({ connection, wire, description, keys, show }, rate);
  const timeToLive = await timeToLiveAttribute(connection.client, table, context.signal);
  const expiring = timeToLive === undefined ? undefined : new ExpiringItems(timeToLive);
  const onItem = expiring && ((seed: SeedItem) => expiring.count(seed.item));
  const checked = await show.check(fileBytes, (hooks) =>
    requireSoundFile(context, file, keys, { ...hooks, onItem }),
  );
  const found = expiring?.report();
  if (found && found.items > 0) {
    const { expiringText } = await import("./text.ts");
    context.log.warn(expiringText(found, file.shown));
  }
  const ledger = await openLedger({
    client: connection.client,
    ledgerTable: (await context.stackSettings()).ledgerTable,
    table: identityOf(description),
    mayCreate: connection.target.kind === "local",
    signal: context.signal,
  });
  const identity: LoadIdentity = {
    model: context.options.table,
    table: ledger.table,
    source: [...checked.content],
    options: optionsThatMatter(request),
  };
  const loadLedger = await openLoadLedger(context, request, identity);
  const live = { table, description, keys, timeToLive };
  return { show, file, fileBytes, checked, connection, wire, ...live, ledger, identity, loadLedger, pace };
}

async function loadUnderLease(
  context: CommandContext,
  prepared: PreparedLoad,
  request: SeedRequest,
  lease: Lease,
): Promise<SeedResult> {
  const { seedTable } = await import("../../seed/seed-table.ts");
  const { readCostText } = await import("./text.ts");
  const { show, file, fileBytes, checked, connection, table, description, keys, loadLedger, pace } = prepared;
  const { retrySeconds, proof, mode, skipIdentical, maxRejects } = request;
  const concurrency = request.concurrency ?? defaultConcurrency(mode);
  const { log } = show;
  const rejectsFile = stateFile(context, "rejects");
  const { loadOptions: shownOptions, ...shown } = show.loadHooks({
    table,
    target: connection.target.description,
    items: checked.items,
    fileBytes,
    tableItems: description.ItemCount ?? 0,
    concurrency,
    before: loadLedger?.resumed?.position.counts,
    view: pace.view,
  });
  const onFailure = (error: unknown) =>
    log.warn(
      `${error instanceof Error ? error.message : error}\n  The load goes on; if it is cut off, --resume writes what came since again`,
    );
  const loadOptions = {
    ...shownOptions,
    concurrency,
    maxRejects,
    retryDeadlineMs: retrySeconds === undefined ? undefined : retrySeconds * 1000,
    onStop: pace.stop,
    hotKeyTurns: pace.hotKeyTurns,
    keep: { onFailure },
  };
  const declaredCounts = async () => {
    const { migrationsOf, readDeclaredCounts } = await import("../../migrate/index.ts");
    return readDeclaredCounts(migrationsOf(context.project, context.options.table));
  };
  const onLookForCounts = () => {
    log.info(
      `${table} is not empty: looking for counts that this would wipe, for about ${counted(checked.items, "read unit")}`,
    );
    shown.onLookForCounts();
  };
  const onProof = () => {
    log.info(`comparing ${table} with ${file.shown}`);
    shown.onProof();
  };
  const onDelete = () => {
    log.info(`deleting from ${table} what is not in ${file.shown}`);
    shown.onDelete();
  };
  const onMigrated = (migrations: readonly string[]) =>
    log.info(
      `${table} has been written to by ${migrations.join(", ")}: what they wrote stays, and is not written for new items; \`tablewright migrate redo\` does that`,
    );
  const onReadCost = (estimate: ReadEstimate) => log.info(readCostText(estimate));
  const redact = isRedacted(context.options);
  const load = {
    writer: pace.writer,
    table,
    description,
    keys,
    file: file.input,
    checked,
    rejectsFile,
    ledger: loadLedger,
    redact,
    mode,
    lookAhead: skipIdentical ? pace.reader : undefined,
  };
  const proving = { proof, proofSettings: proofSettings(context, request, prepared.timeToLive) };
  try {
    const { reader } = pace;
    const hooks = {
      ...shown,
      declaredCounts,
      onLookForCounts,
      onMigrated,
      onReadCost,
      onDelete,
      onProof,
    };
    return await seedTable({ ...load, ...hooks, ...proving, reader, lease, loadOptions });
  } finally {
    show.end();
  }
}

/** What of a load an earlier run has settled, in words. */
function resumedText({ loadLedger }: PreparedLoad): string {
  if (!loadLedger?.resumed) return "";
  const { read, open } = loadLedger.resumed.position;
  return `: resumed, ${read - open.length} of them are settled`;
}

async function takeBack(context: CommandContext, prepared: PreparedLoad): Promise<TakenBack> {
  const { takeBackMigrations } = await import("./take-back-migrations.ts");
  const { ledger, table } = prepared;
  await context.confirmDestruction(`undo the migrations that wrote to ${table}`, table);
  return takeBackMigrations(context, ledger);
}

async function loadWithLease(
  context: CommandContext,
  prepared: PreparedLoad,
  request: SeedRequest,
): Promise<SeedResult> {
  const { logLeaseNews, withLease } = await import("../../ledger/index.ts");
  const { gitCommit } = await import("../../project/git-commit.ts");
  const { show, file, checked, connection, table, ledger } = prepared;
  const { log } = show;
  const { signal } = context;
  log.info(
    `loading ${checked.items} items of ${file.shown} into ${table} at ${connection.target.description}${resumedText(prepared)}`,
  );
  let counted: SeedResult | undefined;
  try {
    const commit = await gitCommit(context.project.root);
    const news = logLeaseNews(log, table);
    return await withLease(ledger, { command: "seed", signal, news, commit }, async (lease) => {
      counted = await loadUnderLease(context, prepared, request, lease);
      return counted;
    });
  } catch (error) {
    // The lease was lost at the end: what was counted is still worth telling.
    if (!counted) throw error;
    return { ...counted, failedAfter: counted.failedAfter ?? error };
  }
}

async function runPrepared(
  context: CommandContext,
  prepared: PreparedLoad,
  request: SeedRequest,
): Promise<SeedOutcome> {
  const { file, connection, table, identity } = prepared;
  await announceMode(context, prepared, request);
  const { pendingAgain, error } = request.redoMigrations
    ? await takeBack(context, prepared)
    : { pendingAgain: [] };
  try {
    if (error !== undefined) throw error;
    const result = await loadWithLease(context, prepared, request);
    if (result.ledger === undefined) await forgetLedgers(context, identity);
    return { table, source: file.shown, result, connection, pendingAgain };
  } catch (thrown) {
    if (pendingAgain.length === 0) throw thrown;
    const { explainFailure } = await import("../../dynamo/classify.ts");
    const { TakenBackError } = await import("../../seed/errors.ts");
    const { aborted, reason } = context.signal;
    const cause = aborted ? reason : explainFailure(thrown, connection.target, table);
    throw new TakenBackError(pendingAgain, cause);
  }
}

/**
 * Loads a seed file into the table that the context names, under the table's lease, and proves it.
 * @throws {SeedFileError} {@link SeedDefectsError} {@link MigratedTableError} {@link LiveCountsError} before anything is written;
 * {@link TakenBackError} instead of any error that comes after migrations were taken back.
 */
export async function runSeed(context: CommandContext, request: SeedRequest): Promise<SeedOutcome> {
  const prepared = await prepareLoad(context, request);
  try {
    return await runPrepared(context, prepared, request);
  } finally {
    prepared.loadLedger?.release();
    await prepared.wire.close();
  }
}
