import { assertSound, type Basis } from "./basis.ts";
import { compareIds } from "./compare-ids.ts";
import type { MigrationEnvironment } from "./environment.ts";
import { pendingOf } from "./judge-migrations.ts";
import { assertKnown, type LoadedMigration } from "./load-migrations.ts";
import type { MigrateResult } from "./result.ts";
import { runQueue } from "./run-queue.ts";

/** How far `up` goes. */
export interface UpOptions {
  /** The last migration to run. Default: all. */
  to?: string | undefined;
}

/** What `up` would run, in order. */
export function choosePending(basis: Basis, { to }: UpOptions): LoadedMigration[] {
  assertSound(basis);
  if (to !== undefined) assertKnown(to, basis.folder.ids);
  const pending = new Set(pendingOf(basis.migrations).map(({ id }) => id));
  return basis.folder.migrations.filter(
    ({ id }) => pending.has(id) && (to === undefined || compareIds(id, to) <= 0),
  );
}

/**
 * Runs the pending migrations in order, and those that failed or were interrupted from their first
 * unfinished step. The result says what happened to each, also where one failed.
 * @throws {MigrationFilesError} {@link MigrationHistoryError} {@link StepGoneError} before anything is written;
 * `LeaseLostError`, `LeaseHeldError` and what opening the ledger throws.
 */
export function migrateUp(
  environment: MigrationEnvironment,
  options: UpOptions = {},
): Promise<MigrateResult> {
  return runQueue(environment, "up", (basis) => choosePending(basis, options));
}
