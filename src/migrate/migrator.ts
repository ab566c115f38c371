import { resolve } from "node:path";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Clock, systemClock } from "../dynamo/clock.ts";
import { parseRate } from "../dynamo/pace/rate-limit.ts";
import { type Target, targetOfClient } from "../dynamo/target.ts";
import type { IndexOwner } from "../project/stack-settings.ts";
import { type Baseline, type BaselineOptions, migrateBaseline, planBaseline } from "./baseline.ts";
import { type CheckResult, migrateCheck } from "./check.ts";
import { type DownOptions, type DownRequest, migrateDown } from "./down.ts";
import { type MigrationEnvironment, reading } from "./environment.ts";
import { eventLog } from "./event-log.ts";
import type { RunCommand } from "./events.ts";
import { type JoinResult, migrateJoin } from "./join.ts";
import { type MigrateHistory, migrateHistory } from "./migrate-history.ts";
import { type MigrationRun, startRun } from "./migration-run.ts";
import { type OrderResult, orderRun, type RunOrder } from "./order-run.ts";
import {
  chooseDown,
  type DownChoice,
  type DownPlanOptions,
  type MigrationPlan,
  type PlanOptions,
  planDown,
  planMigrations,
} from "./plan.ts";
import type { Progress } from "./progress.ts";
import {
  migrateReconcile,
  planReconcile,
  type ReconcileOptions,
  type ReconcileResult,
} from "./reconcile/reconcile.ts";
import { migrateRedo, type RedoResult } from "./redo.ts";
import { planRepair, type RepairPlan, type RepairRequest, repairMigration } from "./repair.ts";
import type { MigrateResult } from "./result.ts";
import { type RetryResult, retryFailed } from "./retry-failed.ts";
import type { ScanSettings } from "./scan/scan-work.ts";
import { type MigrateStatus, migrateStatus } from "./status.ts";
import { type LockHolder, lockHolder, unlock } from "./unlock.ts";
import { migrateUp, type UpOptions } from "./up.ts";

/** What a {@link Migrator} works on, and how. */
export interface MigratorOptions {
  /** Whose it is to close. What only looks goes through it too, but can send nothing that writes. */
  readonly client: DynamoDBClient;
  /** The physical name of the table. */
  readonly table: string;
  /** The name of the table's design: it stands in results and events. */
  readonly model: string;
  /** The folder with the migrations' files and their `migrations.sum`. */
  readonly migrations: string;
  /** Messages name files relative to this folder. Default: the working directory. */
  readonly root?: string | undefined;
  /** The table that history, lock and checkpoints live in. */
  readonly ledger: string;
  /** Make the ledger where it is missing, on AWS too. Default: on a local engine only. */
  readonly createLedger?: boolean | undefined;
  /** Who makes the indexes of the table: `down` drops none that the Pulumi program owns. Default: `migration`. */
  readonly indexOwner?: IndexOwner | undefined;
  /**
   * How fast a run may go, as on the command line: `["500wcu", "200rcu"]`, `["50%"]` of the table's capacity,
   * or `["none"]`. Default: no limit on a local engine; on AWS half of what is provisioned, or of the on-demand
   * maximum, where there is one.
   */
  readonly rate?: readonly string[] | undefined;
  /** How long a step waits for the table, such as for an index that is built, in milliseconds. Default: an hour. */
  readonly waitMs?: number | undefined;
  /** Hide what stands in items, keys too, in results, events and messages. Default false. */
  readonly redact?: boolean | undefined;
  /** Leave as soon as an index is asked for; a later run goes on with it. Default false. */
  readonly detach?: boolean | undefined;
  /** How steps go over the table. Default: by its size. */
  readonly scan?: ScanSettings | undefined;
  /** Time between two `progress` events of a run, in milliseconds. Default 1,000. */
  readonly progressMs?: number | undefined;
  /** The time that everything goes by: lock, rates, retries, waits. Default: the process's own. */
  readonly clock?: Clock | undefined;
  /**
   * Asks every run of this migrator to stop: no new page begins, what is under way is written to its end, and
   * the result says `interrupted`. One that still waits for the lock rejects with the signal's reason.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Where the client goes. Default: a local engine where the client was made with an endpoint on this machine,
   * else AWS. It decides how often a table that changes is looked at, and the defaults above.
   */
  readonly target?: Target | undefined;
}

/**
 * The migrations of one table. What goes over items or takes the table's lock is a {@link MigrationRun}; what
 * only looks into the ledger, or gives an order, is a promise. What only looks takes no lock, and its client
 * refuses every command that could write.
 */
export interface Migrator {
  /** Where each migration stands. @throws {MigrationFilesError} */
  status(): Promise<MigrateStatus>;
  /** The same, with a verdict: whether anything is wrong, or still to be done. @throws {MigrationFilesError} */
  check(): Promise<CheckResult>;
  /** What happened to the table: every attempt, order, repair and load. */
  history(): Promise<MigrateHistory>;
  /** Who holds the table's lock. */
  lockHolder(): Promise<LockHolder>;
  /** What `up` would do, found out by reading. */
  plan(options?: PlanOptions): MigrationRun<MigrationPlan>;
  /** Runs what is pending, in order, from the first unfinished step on. */
  up(options?: UpOptions): MigrationRun<MigrateResult>;
  /** What `down` would do, found out by reading. @throws {IrreversibleMigrationError} in `result` */
  planDown(options?: DownPlanOptions): MigrationRun<MigrationPlan>;
  /** Which migrations `down` would revert, without a look at the items. @throws {IrreversibleMigrationError} */
  chooseDown(options?: DownOptions): Promise<DownChoice>;
  /** Reverts what was applied last. @throws {IrreversibleMigrationError} {@link PlanChangedError} in `result` */
  down(request?: DownRequest): MigrationRun<MigrateResult>;
  /** Reverts what was applied last and applies it again. */
  redo(request?: Pick<DownRequest, "steps" | "confirmed">): MigrationRun<RedoResult>;
  /** Helps the run that is under way, in whatever process, until it is over. */
  join(): MigrationRun<JoinResult>;
  /** Tries the items again that applied steps have set aside. */
  retryFailed(): MigrationRun<RetryResult>;
  /** Which counters differ from the members that they count. */
  planReconcile(): MigrationRun<ReconcileResult>;
  /** Counts every counter anew and repairs those that differ. */
  reconcile(options?: ReconcileOptions): MigrationRun<ReconcileResult>;
  /** Whether the table is as the pending migrations would leave it. @throws {BaselineRefusedError} in `result` */
  planBaseline(options?: BaselineOptions): MigrationRun<Baseline>;
  /** Takes the pending migrations for applied, once it is shown that none has anything to do. */
  baseline(options?: BaselineOptions): MigrationRun<Baseline>;
  /** What a repair would change. @throws {RepairRefusedError} {@link UnknownMigrationError} */
  planRepair(request: RepairRequest): Promise<RepairPlan>;
  /** Corrects what the ledger says of a migration, and notes it in the history. */
  repair(request: RepairRequest): MigrationRun<RepairPlan>;
  /** Takes the lock from the owner that is named, and from nobody else. @throws {NotTheHolderError} */
  unlock(request: { readonly owner: string; readonly reason?: string | undefined }): Promise<LockHolder>;
  /**
   * Tells the run that is under way, in whatever process, to pause, to resume, to change its rate or to abort.
   * @throws {NoRunError} {@link OrderRacedError} {@link UsageError} for a rate that is none
   */
  order(order: RunOrder): Promise<OrderResult>;
}

const PROGRESS_MS = 1_000;

async function environmentOf(options: MigratorOptions, progress?: Progress): Promise<MigrationEnvironment> {
  const { client, table, model, ledger, createLedger, indexOwner = "migration", signal } = options;
  const { clock, waitMs, detach, rate, redact, scan, root = process.cwd() } = options;
  return {
    client,
    target: options.target ?? (await targetOfClient(client)),
    migrations: { folder: resolve(root, options.migrations), root: resolve(root) },
    model,
    table,
    ledgerTable: ledger,
    indexOwner,
    log: eventLog(progress),
    clock,
    signal,
    rate: rate && parseRate(rate),
    progress,
    createLedger,
    waitMs,
    detach,
    redact,
    ...(scan && { scan }),
  };
}

/**
 * Makes a migrator of one table. It opens nothing and sends nothing until one of its methods is called.
 * @example
 * const migrator = createMigrator({ client, table: "photos", model: "photos", migrations: "./migrations/photos", ledger: "ledger" });
 * const run = migrator.up();
 * for await (const event of run) if (event.type === "progress") show(event.step, event.share);
 * const { error, pending } = await run.result;
 * @throws {UsageError} for a rate that is none.
 */
export function createMigrator(options: MigratorOptions): Migrator {
  const { model, table, clock = systemClock, progressMs = PROGRESS_MS, rate } = options;
  if (rate) parseRate(rate);

  type Verb<Result> = (environment: MigrationEnvironment) => Promise<Result>;
  const run = <Result extends object>(command: RunCommand, verb: Verb<Result>): MigrationRun<Result> =>
    startRun({ command, model, table, clock, progressMs }, async (progress) =>
      verb(await environmentOf(options, progress)),
    );
  const plan = <Result extends object>(command: RunCommand, verb: Verb<Result>) =>
    run(command, (environment) => verb(reading(environment)));
  const look = async <Result>(verb: Verb<Result>) => verb(reading(await environmentOf(options)));
  const write = async <Result>(verb: Verb<Result>) => verb(await environmentOf(options));

  return {
    status: () => look(migrateStatus),
    check: () => look(migrateCheck),
    history: () => look(migrateHistory),
    lockHolder: () => look(lockHolder),
    plan: (request) => plan("plan", (environment) => planMigrations(environment, request)),
    up: (request) => run("up", (environment) => migrateUp(environment, request)),
    planDown: (request) => plan("plan down", (environment) => planDown(environment, request)),
    chooseDown: (request) => look((environment) => chooseDown(environment, request)),
    down: (request) => run("down", (environment) => migrateDown(environment, request)),
    redo: (request) => run("redo", (environment) => migrateRedo(environment, request)),
    join: () => run("join", migrateJoin),
    retryFailed: () => run("retry-failed", retryFailed),
    planReconcile: () => plan("plan reconcile", planReconcile),
    reconcile: (request) => run("reconcile", (environment) => migrateReconcile(environment, request)),
    planBaseline: (request) => plan("plan baseline", (environment) => planBaseline(environment, request)),
    baseline: (request) => run("baseline", (environment) => migrateBaseline(environment, request)),
    planRepair: (request) => look((environment) => planRepair(environment, request)),
    repair: (request) => run("repair", (environment) => repairMigration(environment, request)),
    unlock: (request) => write((environment) => unlock(environment, request)),
    order: (request) => write((environment) => orderRun(environment, request)),
  };
}
