import { type Basis, type LeasedWork, readBasis, underLease } from "./basis.ts";
import { type MigrationEnvironment, openTable } from "./environment.ts";
import { pendingOf } from "./judge-migrations.ts";
import { type LoadedMigration, loadMigrations, type MigrationFolder } from "./load-migrations.ts";
import type { MigrateResult, MigrationResult } from "./result.ts";
import { type MigrationOutcome, runMigration } from "./run-migration.ts";

/** Chooses what to run, in order; throws what stops the run. The only difference between `up` and `down`. */
export type Choose = (basis: Basis) => LoadedMigration[];

/** What a run came to before it is known where everything stands. */
interface QueueOutcome {
  readonly results: MigrationResult[];
  readonly error?: MigrationOutcome["error"];
}

/** Runs one after the other until one does not go through. */
function inTurn(
  environment: MigrationEnvironment,
  direction: "up" | "down",
  choose: Choose,
): LeasedWork<QueueOutcome> {
  return async (lease, open, basis) => {
    const queue = choose(basis);
    const results: MigrationResult[] = queue.map(({ id }) => ({ id, result: "notRun", steps: [] }));
    const run = { environment, open, lease, history: basis.history, direction };
    for (const [index, migration] of queue.entries()) {
      const { result, error } = await runMigration(run, migration);
      results[index] = result;
      if (error) return { results, error };
    }
    return { results };
  };
}

/** Where everything stands after a run; where that cannot be read any more, what stopped the run is thrown. */
async function readAfterwards(
  environment: MigrationEnvironment,
  folder: MigrationFolder,
  stoppedBy: MigrationOutcome["error"],
): Promise<Basis> {
  try {
    return await readBasis(await openTable(environment, true), folder);
  } catch (error) {
    throw stoppedBy ?? error;
  }
}

/**
 * Runs what `choose` chooses, under the table's lease. Everything that stops the run is found before
 * anything is written; where there is nothing to do, nothing is written at all.
 */
export async function runQueue(
  environment: MigrationEnvironment,
  direction: "up" | "down",
  choose: Choose,
): Promise<MigrateResult> {
  const { model, table } = environment;
  const folder = await loadMigrations(environment.project, model);
  const before = await readBasis(await openTable(environment, true), folder);
  const outcome: QueueOutcome =
    choose(before).length > 0
      ? await underLease(environment, `migrate ${direction}`, folder, inTurn(environment, direction, choose))
      : { results: [] };
  const { migrations } = await readAfterwards(environment, folder, outcome.error);
  return { model, table, direction, ...outcome, migrations, pending: pendingOf(migrations).length };
}
