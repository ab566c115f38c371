import { type Basis, type LeasedWork, readBasis, underLease } from "./basis.ts";
import { type MigrationEnvironment, openTable, reading } from "./environment.ts";
import type { RunAbortedError } from "./errors.ts";
import { pendingOf } from "./judge-migrations.ts";
import { type LoadedMigration, loadMigrations, type MigrationFolder } from "./load-migrations.ts";
import { preflight } from "./preflight.ts";
import type { MigrateResult, MigrationResult } from "./result.ts";
import { type MigrationOutcome, notRun, runMigration } from "./run-migration.ts";
import { showMigrations } from "./status.ts";
import { whileUnderway } from "./underway.ts";

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
  abort: (reason: RunAbortedError) => void,
): LeasedWork<QueueOutcome> {
  return async (lease, open, basis) => {
    const queue = choose(basis);
    const planned = { history: basis.history, direction };
    const results = queue.map((migration) => notRun(planned, migration));
    environment.progress?.tell({ type: "migrationsChosen", direction, results: [...results] });
    return whileUnderway(environment, open, lease, abort, async (underway) => {
      const run = { environment, open, lease, history: basis.history, direction, ...underway };
      for (const [index, migration] of queue.entries()) {
        const { result, error } = await runMigration(run, migration);
        results[index] = result;
        if (error) return { results, error };
      }
      return { results };
    });
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

async function runUnderLease(
  environment: MigrationEnvironment,
  direction: "up" | "down",
  folder: MigrationFolder,
  choose: Choose,
): Promise<QueueOutcome> {
  const aborted = new AbortController();
  const signals = [environment.signal ?? [], aborted.signal].flat();
  const stoppable = { ...environment, signal: AbortSignal.any(signals) };
  const work = inTurn(stoppable, direction, choose, (reason) => aborted.abort(reason));
  return underLease(stoppable, `migrate ${direction}`, folder, work);
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
  const looking = reading(environment);
  const folder = await loadMigrations(environment.migrations);
  const reader = await openTable(looking, true);
  const before = await readBasis(reader, folder);
  const chosen = choose(before);
  if (direction === "up") await preflight(looking, reader, chosen, before.history);
  const outcome: QueueOutcome =
    chosen.length > 0 ? await runUnderLease(environment, direction, folder, choose) : { results: [] };
  const { migrations } = await readAfterwards(environment, folder, outcome.error);
  const pending = pendingOf(migrations).length;
  return {
    model,
    table,
    direction,
    ...outcome,
    migrations: showMigrations(migrations, environment),
    pending,
  };
}
