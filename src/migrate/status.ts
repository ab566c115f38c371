import { itemView } from "../dynamo/item-view.ts";
import { lookAt } from "./basis.ts";
import type { MigrationEnvironment } from "./environment.ts";
import { type HistoryProblem, MigrationFilesError } from "./errors.ts";
import { type MigrationStatus, pendingOf, type StepStatus } from "./judge-migrations.ts";

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

/** The same, with items that are set aside shown as the environment says. */
export function showMigrations(
  migrations: readonly MigrationStatus[],
  { redact = false }: Pick<MigrationEnvironment, "redact">,
): MigrationStatus[] {
  const show = itemView(redact);
  const words = ({ setAside, ...step }: StepStatus): StepStatus =>
    setAside
      ? {
          ...step,
          setAside: setAside.map(({ shownKey, error, ...rest }) => ({
            ...rest,
            shownKey: show.words(shownKey),
            error: show.words(error),
          })),
        }
      : step;
  return migrations.map((migration) => ({ ...migration, steps: migration.steps.map(words) }));
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
  const pending = pendingOf(migrations).length;
  return { model, table, migrations: showMigrations(migrations, environment), pending, problems, hasHistory };
}
