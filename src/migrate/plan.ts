import { assertSound, lookAt } from "./basis.ts";
import { chooseStarted, type DownOptions } from "./down.ts";
import { type MigrationEnvironment, type OpenTable, stepEnvironment } from "./environment.ts";
import { pendingOf } from "./judge-migrations.ts";
import type { LoadedMigration } from "./load-migrations.ts";
import { kindOf } from "./steps/index.ts";
import type { StepPlan } from "./steps/step-context.ts";
import { choosePending, type UpOptions } from "./up.ts";

/** What a step would do. */
export interface PlannedStep extends StepPlan {
  readonly id: string;
  readonly kind: string;
}

/** What a migration would do. */
export interface PlannedMigration {
  readonly id: string;
  readonly description: string;
  readonly steps: readonly PlannedStep[];
}

/** What a run would do: found out by reading, so it can be printed, and applied, or not. */
export interface MigrationPlan {
  readonly model: string;
  readonly table: string;
  readonly direction: "up" | "down";
  /** In the order they would run. */
  readonly planned: readonly PlannedMigration[];
  /** How many items and indexes would be changed in all; 0: nothing is left to do. */
  readonly changes: number;
  readonly pending: number;
}

/** How a plan is made. */
export interface PlanOptions extends UpOptions {
  /** Plan the applied migrations too: each of their steps must find nothing to change. Default false. */
  includeApplied?: boolean;
}

async function planMigration(
  environment: MigrationEnvironment,
  open: OpenTable,
  migration: LoadedMigration,
): Promise<PlannedMigration> {
  const { id, description, steps } = migration;
  const refuse = () => Promise.reject(new TypeError("a plan writes nothing"));
  const context = { ...stepEnvironment(environment, open), notes: {}, remember: refuse, forget: refuse };
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const plan = await kindOf(step).plan(step, { ...context, signal: environment.signal });
    planned.push({ id: step.id, kind: step.kind, ...plan });
  }
  return { id, description, steps: planned };
}

/**
 * Finds out what `migrateUp` would do, with counts of the items each step would change. Takes no lock and
 * writes nothing: give it a client that only reads.
 * @throws {MigrationFilesError} {@link MigrationHistoryError} {@link StepGoneError} as `migrateUp` does.
 */
export async function planMigrations(
  environment: MigrationEnvironment,
  options: PlanOptions = {},
): Promise<MigrationPlan> {
  const { open, basis } = await lookAt(environment);
  const { model, table } = environment;
  const pending = choosePending(basis, options);
  if (options.includeApplied) assertSound(basis);
  const queue = options.includeApplied ? basis.folder.migrations : pending;
  const planned: PlannedMigration[] = [];
  for (const migration of queue) planned.push(await planMigration(environment, open, migration));
  const changes = planned.flatMap(({ steps }) => steps).reduce((sum, step) => sum + step.changes, 0);
  return { model, table, direction: "up", planned, changes, pending: pendingOf(basis.migrations).length };
}

/** What `down` would revert. */
export interface DownPlan extends Pick<MigrationPlan, "model" | "table" | "direction"> {
  /** The last applied first. */
  readonly planned: readonly Pick<LoadedMigration, "id" | "description">[];
}

/** What `migrateDown` would revert, last applied first; throws what would stop it. Writes nothing. */
export async function planDown(
  environment: MigrationEnvironment,
  options: DownOptions = {},
): Promise<DownPlan> {
  const { basis } = await lookAt(environment);
  const { model, table, indexOwner } = environment;
  const planned = chooseStarted(basis, options, indexOwner);
  return {
    model,
    table,
    direction: "down",
    planned: planned.map(({ id, description }) => ({ id, description })),
  };
}
