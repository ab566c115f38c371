import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { type Clock, systemClock } from "../dynamo/clock.ts";
import { describeTable, keysOf, type Sender } from "../dynamo/describe.ts";
import { TableNotFoundError } from "../dynamo/errors.ts";
import { itemView } from "../dynamo/item-view.ts";
import { pacedClient } from "../dynamo/pace/paced-client.ts";
import type { RateLimit } from "../dynamo/pace/rate-limit.ts";
import { readOnlyClient } from "../dynamo/read-only.ts";
import { primaryKeyNames } from "../dynamo/table-design.ts";
import type { Target } from "../dynamo/target.ts";
import { type Fence, identityOf, type LeaseOptions, type Ledger, openLedger } from "../ledger/index.ts";
import type { Log } from "../log.ts";
import type { IndexOwner } from "../project/stack-settings.ts";
import type { MigrationsPlace } from "./load-migrations.ts";
import { Progress } from "./progress.ts";
import type { ScanSettings } from "./scan/scan-work.ts";
import type { StepContext } from "./steps/step-context.ts";
import type { Underway } from "./underway.ts";

/** What the verbs of this folder work on. */
export interface MigrationEnvironment {
  readonly client: Sender;
  readonly target: Target;
  readonly migrations: MigrationsPlace;
  readonly model: string;
  /** The physical table. */
  readonly table: string;
  readonly ledgerTable: string;
  readonly indexOwner: IndexOwner;
  /** Where steps say what there is to say in passing. */
  readonly log: Log;
  /** The time that everything goes by. Default: the process's own. */
  readonly clock?: Clock | undefined;
  /** Asks a run to stop: no new page begins, and those under way are written to their end. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How fast a run may go. Default: on a local engine no limit; on AWS half of what is provisioned, or of the
   * on-demand maximum, where there is one.
   */
  readonly rate?: RateLimit | undefined;
  /** Hide what stands in items, keys too, from people and logs. Default false. */
  readonly redact?: boolean | undefined;
  /** Where a run keeps what it is at and tells what happens, for whoever shows it. */
  readonly progress?: Progress | undefined;
  /** Make a missing ledger on AWS too: `--create-ledger`. Undefined where the command has no such option. */
  readonly createLedger?: boolean | undefined;
  /** How long a step may wait for the table, such as for an index that is being built, in milliseconds. Default: an hour. */
  readonly waitMs?: number | undefined;
  /** Leave as soon as an index is asked for: a later run goes on with it. Default false. */
  readonly detach?: boolean | undefined;
  /** For tests: other times and another clock for the lease. */
  readonly lease?: Pick<LeaseOptions, "leaseMs" | "heartbeatMs" | "waitMs" | "clock">;
  /** How steps go over the table. Default: by its size. */
  readonly scan?: ScanSettings;
}

/** The table as it is now, and its records. */
export interface OpenTable {
  readonly description: TableDescription;
  readonly keyNames: readonly string[];
  readonly ledger: Ledger;
}

/**
 * Looks the table up and opens its records.
 * @throws {TableNotFoundError} and whatever `openLedger` throws.
 */
export async function openTable(environment: MigrationEnvironment, readOnly: boolean): Promise<OpenTable> {
  const { client, target, table, ledgerTable, signal, clock, createLedger } = environment;
  const description = await describeTable(client, table);
  if (!description) throw new TableNotFoundError(table, target.description);
  const ledger = await openLedger({
    client,
    ledgerTable,
    table: identityOf(description),
    mayCreate: target.kind === "local" || createLedger === true,
    createOption: createLedger === undefined ? undefined : "--create-ledger",
    readOnly,
    signal,
    clock,
  });
  const keyNames = primaryKeyNames(keysOf(description.KeySchema, description.AttributeDefinitions));
  return { description, keyNames, ledger };
}

/** The same for what only looks: its client refuses every command that could write. */
export function reading(environment: MigrationEnvironment): MigrationEnvironment {
  return { ...environment, client: readOnlyClient(environment.client) };
}

/** AWS answers few DescribeTable calls a second; a local engine changes a table in milliseconds. */
const POLL_MS = { local: 50, aws: 5_000 } as const;

/** AWS asks for "a few seconds" (API_DescribeTable); a local engine's descriptions are up to date. */
const GRACE_MS = { local: 5_000, aws: 30_000 } as const;

const PATIENCE_MS = 120_000;

/** Most indexes are built within it, and no CI job waits for days by accident. */
const WAIT_MS = 3600_000;

/** What the steps' contexts have in common. */
export function stepEnvironment(environment: MigrationEnvironment, { keyNames }: OpenTable) {
  const {
    client,
    table,
    indexOwner,
    log,
    target,
    clock = systemClock,
    waitMs = WAIT_MS,
    detach = false,
    redact = false,
    progress = new Progress(),
  } = environment;
  return {
    client,
    table,
    keyNames,
    indexOwner,
    log,
    clock,
    show: itemView(redact),
    progress,
    pollMs: POLL_MS[target.kind],
    graceMs: GRACE_MS[target.kind],
    patienceMs: PATIENCE_MS,
    waitMs,
    detach,
  };
}

/** What the context of a step has in a run, apart from its notes. */
export function runEnvironment(
  environment: MigrationEnvironment,
  open: OpenTable,
  fence: Fence,
  { pacer, progress }: Underway,
  identity: StepContext["identity"],
): Omit<StepContext, "notes" | "remember" | "forget"> {
  return {
    ...stepEnvironment(environment, open),
    client: pacedClient(environment.client, pacer),
    progress,
    // A run that is asked to stop lets its writes come to their end: the pacer begins no new ones.
    signal: fence.lost,
    stopping: fence.signal,
    identity,
    fence,
    tableBytes: open.description.TableSizeBytes ?? 0,
    scanSettings: environment.scan ?? {},
  };
}
