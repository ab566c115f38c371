export { IndexSilentError } from "../dynamo/errors.ts";
export { readDeclaredCounts } from "./declared-counts.ts";
export { type BackfillStep, backfill, type ComputedValues } from "./definition/backfill.ts";
export { type CounterPlace, type CounterStep, counter } from "./definition/counter.ts";
export { type EnsureIndexStep, ensureIndex } from "./definition/ensure-index.ts";
export { defineMigration, type Migration, type MigrationStep } from "./definition/migration.ts";
export type { PlainItem, Value, Values } from "./definition/values.ts";
export { type DownOptions, type DownRequest, migrateDown } from "./down.ts";
export type { MigrationEnvironment } from "./environment.ts";
export {
  CounterContentionError,
  type FileMistake,
  type HistoryProblem,
  IndexDriftError,
  IrreversibleMigrationError,
  JoinedFileError,
  MigrationFailedError,
  MigrationFilesError,
  MigrationHistoryError,
  MigrationsSumError,
  NotConvergedError,
  PlanChangedError,
  type Refusal,
  StepDefinitionError,
  StepGoneError,
  UnknownMigrationError,
} from "./errors.ts";
export { type HelpedStep, type JoinResult, migrateJoin } from "./join.ts";
export type { MigrationState, MigrationStatus, ScanStatus, StepStatus } from "./judge-migrations.ts";
export { type NewMigration, newMigration } from "./new-migration.ts";
export {
  type MigrationPlan,
  type PlannedMigration,
  type PlannedStep,
  type PlanOptions,
  planDown,
  planMigrations,
} from "./plan.ts";
export type { MigrateResult, MigrationResult, StepOutcome } from "./result.ts";
export { type RetriedStep, type RetryResult, retryFailed } from "./retry-failed.ts";
export type { ScanSettings } from "./scan/scan-work.ts";
export { type MigrateStatus, migrateStatus } from "./status.ts";
export { MIGRATION_KINDS, type MigrationKind } from "./templates.ts";
export { migrateUp, type UpOptions } from "./up.ts";
export { type WrittenSum, writeSum } from "./write-sum.ts";
