export { IndexSilentError } from "../dynamo/errors.ts";
export { readDeclaredCounts } from "./declared-counts.ts";
export {
  type BackfillStep,
  backfill,
  type ComputedValues,
  type CounterPlace,
  type CounterStep,
  counter,
  defineMigration,
  type EnsureIndexStep,
  ensureIndex,
  type Migration,
  type MigrationStep,
  type PlainItem,
  type Value,
  type Values,
} from "./definition.ts";
export { type DownOptions, type DownRequest, migrateDown } from "./down.ts";
export type { MigrationEnvironment } from "./environment.ts";
export {
  CounterContentionError,
  type FileMistake,
  type HistoryProblem,
  IndexDriftError,
  IrreversibleMigrationError,
  MigrationFailedError,
  MigrationFilesError,
  MigrationHistoryError,
  NotConvergedError,
  PlanChangedError,
  type Refusal,
  StepDefinitionError,
  StepGoneError,
  UnknownMigrationError,
} from "./errors.ts";
export type { MigrationState, MigrationStatus, StepStatus } from "./judge-migrations.ts";
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
export { type MigrateStatus, migrateStatus } from "./status.ts";
export { MIGRATION_KINDS, type MigrationKind } from "./templates.ts";
export { migrateUp, type UpOptions } from "./up.ts";
