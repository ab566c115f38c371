import { lookAt } from "./basis.ts";
import type { MigrationEnvironment } from "./environment.ts";
import { type HistoryProblem, MigrationFilesError } from "./errors.ts";
import { type MigrationStatus, pendingOf } from "./judge-migrations.ts";

/** Where a table's migrations stand. */
export interface MigrateStatus {
  readonly model: string;
  readonly table: string;
  readonly migrations: readonly MigrationStatus[];
  /** How many migrations `up` would run. */
  readonly pending: number;
  /** What `up` would refuse to go past. */
  readonly problems: readonly HistoryProblem[];
  /** False where the ledger has nothing of this table, or where there is no ledger. */
  readonly hasHistory: boolean;
}

/**
 * Says where each migration stands. Takes no lock and writes nothing.
 * @throws {MigrationFilesError} naming every mistake in the files.
 */
export async function migrateStatus(environment: MigrationEnvironment): Promise<MigrateStatus> {
  const { folder, history, migrations, problems } = (await lookAt(environment)).basis;
  if (folder.mistakes.length > 0) throw new MigrationFilesError(folder.mistakes, problems);
  const { model, table } = environment;
  const hasHistory = history.migrations.length > 0 || history.events.length > 0;
  return { model, table, migrations, pending: pendingOf(migrations).length, problems, hasHistory };
}
