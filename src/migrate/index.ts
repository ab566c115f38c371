export { type Clock, systemClock } from "../dynamo/clock.ts";
export { IndexSilentError } from "../dynamo/errors.ts";
export type { PaceView } from "../dynamo/pace/pacer.ts";
export type { Baseline, BaselineOptions } from "./baseline.ts";
export type { CheckResult } from "./check.ts";
export { readDeclaredCounts } from "./declared-counts.ts";
export { type BackfillStep, backfill, type ComputedValues } from "./definition/backfill.ts";
export { type CounterPlace, type CounterStep, counter } from "./definition/counter.ts";
export { type DropIndexStep, dropIndex } from "./definition/drop-index.ts";
export { type EnsureIndexStep, ensureIndex } from "./definition/ensure-index.ts";
export { type EnsureStreamStep, ensureStream, type StreamView } from "./definition/ensure-stream.ts";
export { type EnsureTtlStep, ensureTtl } from "./definition/ensure-ttl.ts";
export { defineMigration, type Migration, type MigrationStep } from "./definition/migration.ts";
export { type ScriptContext, type ScriptCounts, type ScriptStep, script } from "./definition/script.ts";
export type { PlainItem, Value, Values } from "./definition/values.ts";
export { type VerifyStep, verify } from "./definition/verify.ts";
export type { DownOptions, DownRequest } from "./down.ts";
export {
  BaselineRefusedError,
  CheckFailedError,
  CounterContentionError,
  type FileMistake,
  type HistoryProblem,
  IndexDriftError,
  IndexOwnedError,
  IndexPreflightError,
  InvalidCountsError,
  IrreversibleMigrationError,
  JoinedFileError,
  MigrationFailedError,
  MigrationFilesError,
  MigrationHistoryError,
  MigrationsSumError,
  NoRunError,
  NotConvergedError,
  NotTheHolderError,
  NotYetError,
  OrderRacedError,
  PlanChangedError,
  type Refusal,
  RepairRefusedError,
  RunAbortedError,
  SettingDriftError,
  StepDefinitionError,
  StepGoneError,
  type UndoneStep,
  UnknownMigrationError,
} from "./errors.ts";
export type {
  ConsumedUnits,
  EventsMissed,
  ItemSetAside,
  MigrationBegun,
  MigrationEvent,
  MigrationFinished,
  MigrationsChosen,
  Noted,
  PassBegun,
  PassFinished,
  Paused,
  ProgressMade,
  RateChanged,
  Resumed,
  RunBegun,
  RunCommand,
  RunFinished,
  StepBegun,
  StepFinished,
  StepName,
  Stopping,
  Throttled,
  Waiting,
  Warned,
} from "./events.ts";
export type { HelpedStep, JoinResult } from "./join.ts";
export type { MigrationState, MigrationStatus, ScanStatus, StepStatus } from "./judge-migrations.ts";
export { type MigrationsPlace, migrationsOf } from "./load-migrations.ts";
export type { MigrateHistory } from "./migrate-history.ts";
export type { MigrationRun } from "./migration-run.ts";
export { createMigrator, type Migrator, type MigratorOptions } from "./migrator.ts";
export { type NewMigration, newMigration } from "./new-migration.ts";
export type { OrderResult, RunOrder } from "./order-run.ts";
export type { ForecastCost, ForecastTotals, StepForecast } from "./plan/forecast.ts";
export type { SampleBounds } from "./plan/foreseen-table.ts";
export type { AttributeChange, ItemExample } from "./plan/item-example.ts";
export type { Range } from "./plan/range.ts";
export type {
  DownChoice,
  DownPlanOptions,
  MigrationPlan,
  PlannedMigration,
  PlannedStep,
  PlanOptions,
  PlanSample,
} from "./plan.ts";
export type { ProgressView } from "./progress.ts";
export type { CounterFinding, ReconcileOptions, ReconcileResult } from "./reconcile/reconcile.ts";
export type { RedoResult } from "./redo.ts";
export { REPAIRS, type Repair, type RepairPlan, type RepairRequest } from "./repair.ts";
export type { MigrateResult, MigrationResult, StepOutcome } from "./result.ts";
export type { RetriedStep, RetryResult } from "./retry-failed.ts";
export type { ScanSettings } from "./scan/scan-work.ts";
export type { MigrateStatus, RunUnderWay } from "./status.ts";
export type { StepWarning } from "./steps/step-context.ts";
export { MIGRATION_KINDS, type MigrationKind } from "./templates.ts";
export type { LockHolder } from "./unlock.ts";
export type { UpOptions } from "./up.ts";
export { type WrittenSum, writeSum } from "./write-sum.ts";
