import { itemView } from "../dynamo/item-view.ts";
import {
  type Clock,
  type ControlRecord,
  type History,
  type LeaseRecord,
  silenceOf,
} from "../ledger/index.ts";
import { lookAt } from "./basis.ts";
import type { MigrationEnvironment } from "./environment.ts";
import { type HistoryProblem, MigrationFilesError } from "./errors.ts";
import { type MigrationStatus, pendingOf, type StepStatus } from "./judge-migrations.ts";

/** Who holds the table's lock now, and what was ordered meanwhile. */
export interface RunUnderWay
  extends Pick<LeaseRecord, "command" | "user" | "host" | "pid" | "term" | "heldSince">,
    Pick<ControlRecord, "paused" | "aborted" | "rate"> {
  /** Seconds since its last sign of life, by wall times: for people, nothing is decided on it. */
  readonly silentSeconds: number;
}

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
  /** The run that holds the table's lock, where one does. */
  readonly run?: RunUnderWay;
}

function runUnderWay({ lease, control }: History, clock: Clock): RunUnderWay | undefined {
  if (lease?.owner === undefined) return undefined;
  const { command, user, host, pid, term, heldSince } = lease;
  // Orders that an earlier run was given do not hold for this one.
  const { paused, aborted, rate } = control?.term === term ? control : {};
  const orders = { ...(paused && { paused }), ...(aborted && { aborted }), ...(rate && { rate }) };
  return { command, user, host, pid, term, heldSince, silentSeconds: silenceOf(lease, clock), ...orders };
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
  const { open, basis } = await lookAt(environment);
  const { folder, history, migrations, problems } = basis;
  if (folder.mistakes.length > 0) throw new MigrationFilesError(folder.mistakes, problems);
  const { model, table } = environment;
  const hasHistory = history.migrations.length > 0 || history.events.length > 0;
  const run = runUnderWay(history, open.ledger.clock);
  return {
    model,
    table,
    migrations: showMigrations(migrations, environment),
    pending: pendingOf(migrations).length,
    problems,
    hasHistory,
    ...(run && { run }),
  };
}
