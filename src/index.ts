/**
 * The library: what the commands do, as functions that return data. Each verb takes its client, its project
 * and a log, and prints nothing by itself.
 */
export { type Estimate, type EstimateOptions, estimateCost } from "./deploy/cost/estimate-cost.ts";
export { type DeployedTable, type DeployOptions, type DeployResult, deploy } from "./deploy/deploy.ts";
export { type DiffOptions, type DiffResult, diffLive } from "./deploy/diff/diff-live.ts";
export { type EvaluateOptions, type Evaluation, evaluateProgram } from "./deploy/evaluate-program.ts";
export { drawGraph } from "./deploy/graph/draw-graph.ts";
export { type PlanNode, type PlanTree, planTree } from "./deploy/plan/plan-tree.ts";
export { type ClientOptions, createClient, type MeteredClient } from "./dynamo/client.ts";
export { describeTable } from "./dynamo/describe.ts";
export type { DeclaredCounts, DeclaredWrites, ItemPattern } from "./dynamo/item-pattern.ts";
export { type ScanOptions, type ScanTotals, type StoredItem, scanSegments } from "./dynamo/scan.ts";
export { createStreamsClient } from "./dynamo/streams-client.ts";
export type { IndexDesign, KeyAttribute, KeyType, Projection, TableDesign } from "./dynamo/table-design.ts";
export { chooseTarget, localTarget, type Target, type TargetOptions } from "./dynamo/target.ts";
export { waitUntilActive } from "./dynamo/waits.ts";
export { WireClient } from "./dynamo/wire/wire-client.ts";
export { findKeptEngine, type KeptEngine, startKeptEngine, stopKeptEngine } from "./engine/kept-engine.ts";
export { type Engine, type StartOptions, startEngine } from "./engine/start-engine.ts";
export { ExitCode, InterruptedError, TablewrightError, toErrorDocument, UsageError } from "./errors.ts";
export { appliedWrites, identityOf, openLedger, readHistory, withLease } from "./ledger/index.ts";
export { createLog, type Log, silentLog } from "./log.ts";
export {
  createMigrator,
  type MigrateResult,
  type MigrateStatus,
  type MigrationEvent,
  type MigrationRun,
  type Migrator,
  type MigratorOptions,
  migrationsOf,
  newMigration,
  readDeclaredCounts,
} from "./migrate/index.ts";
export { findProject, type Project } from "./project/find-project.ts";
export { importTableDesign, listModels } from "./project/models.ts";
export { readStackSettings, type StackSettings } from "./project/stack-settings.ts";
export { openDatabase } from "./query/database.ts";
export { loadQuerySet } from "./query/load-queries.ts";
export type { SeedEvent } from "./seed/events/events.ts";
export { type CheckReport, checkSeedFile } from "./seed/file/check-seed-file.ts";
export { readSeedFile } from "./seed/file/read-seed-file.ts";
export {
  type GenerateOptions,
  type ItemGenerator,
  importGenerator,
  type ModelGenerator,
} from "./seed/generate/generate-items.ts";
export { type Generated, streamItems, writeItems } from "./seed/generate/write-items.ts";
export type { Proof, ProofScope } from "./seed/prove/proof.ts";
export type { ProofOptions } from "./seed/prove/proof-options.ts";
export { proveTable } from "./seed/prove/prove-table.ts";
export { type SeedResult, type SeedRun, seedTable } from "./seed/seed-table.ts";
export { liveTableKeys } from "./seed/table-keys.ts";
export { Checkpoint } from "./stream/checkpoint.ts";
export { type DeadLetterQueue, deadLetterFile } from "./stream/dead-letters.ts";
export { recordFilter } from "./stream/filter.ts";
export { findStream } from "./stream/find-stream.ts";
export { functionEnvironment } from "./stream/function-environment.ts";
export { LocalFunction } from "./stream/local-function.ts";
export { type ReadStreamOptions, readStream } from "./stream/read-stream.ts";
export { type ConsumerCounts, type ConsumerRun, runConsumer } from "./stream/run-consumer.ts";
export { loadOracles } from "./verify/load-oracles.ts";
export { fileSource, tableSource } from "./verify/read-source.ts";
export type { PatternResult, PatternStatus, VerifyReport } from "./verify/report.ts";
export { type VerifyOptions, verify } from "./verify/verify.ts";
