import { underLease } from "./basis.ts";
import type { MigrationEnvironment } from "./environment.ts";
import { BaselineRefusedError, PlanChangedError } from "./errors.ts";
import { loadMigrations } from "./load-migrations.ts";
import { markApplied } from "./mark-applied.ts";
import { type PlannedStep, planMigrations } from "./plan.ts";
import { choosePending, type UpOptions } from "./up.ts";

/** How a table is baselined. */
export interface BaselineOptions extends UpOptions {
  /** Why, for the history. */
  reason?: string | undefined;
}

/** What was baselined, or would be. */
export interface Baseline {
  readonly model: string;
  readonly table: string;
  /** The migrations that are taken for applied, in order. */
  readonly ids: readonly string[];
}

const isUndone = ({ changes, unknown, problems = [] }: PlannedStep) =>
  changes > 0 || unknown !== undefined || problems.length > 0;

/**
 * Finds out whether a table is as the pending migrations would leave it. Takes no lock and writes nothing.
 * @throws {BaselineRefusedError} naming every step that would still do something.
 */
export async function planBaseline(
  environment: MigrationEnvironment,
  options: BaselineOptions = {},
): Promise<Baseline> {
  const { model, table, planned } = await planMigrations(environment, { ...options, thorough: true });
  const undone = planned.flatMap(({ id, steps }) =>
    steps.filter(isUndone).map(({ id: step, action }) => ({ id, step, action })),
  );
  if (undone.length > 0) throw new BaselineRefusedError(table, undone);
  return { model, table, ids: planned.map(({ id }) => id) };
}

/**
 * Adopts a table that was brought to where it is without this program: takes the pending migrations for
 * applied, once it is shown that each of their steps finds nothing to do.
 * @throws {BaselineRefusedError} where one would; {@link PlanChangedError} where others are pending by the time
 * the lock is had. Then nothing was written.
 */
export async function migrateBaseline(
  environment: MigrationEnvironment,
  options: BaselineOptions = {},
): Promise<Baseline> {
  const baseline = await planBaseline(environment, options);
  if (baseline.ids.length === 0) return baseline;
  const folder = await loadMigrations(environment.migrations);
  await underLease(environment, "migrate baseline", folder, async (lease, _open, basis) => {
    const chosen = choosePending(basis, options);
    const ids = chosen.map(({ id }) => id);
    if (ids.join() !== baseline.ids.join()) throw new PlanChangedError(baseline.ids, ids);
    for (const migration of chosen) {
      const event = { action: "baseline", reason: options.reason };
      await markApplied(lease, basis.history, migration, "baselined", event);
    }
  });
  return baseline;
}
