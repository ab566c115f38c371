import { type History, type Lease, readHistory, withLease } from "../ledger/index.ts";
import { type MigrationEnvironment, type OpenTable, openTable } from "./environment.ts";
import {
  type HistoryProblem,
  MigrationFilesError,
  MigrationHistoryError,
  MigrationsSumError,
  StepGoneError,
} from "./errors.ts";
import { type Judgement, judgeMigrations, pendingOf } from "./judge-migrations.ts";
import { type LoadedMigration, loadMigrations, type MigrationFolder } from "./load-migrations.ts";
import { preflight } from "./preflight.ts";
import type { MigrateResult, MigrationResult } from "./result.ts";
import { type MigrationOutcome, runMigration } from "./run-migration.ts";

/** What a choice is made on. */
export interface ChoiceBasis extends Judgement {
  readonly folder: MigrationFolder;
  readonly history: History;
}

/** Chooses what to run, in order; throws what stops the run. The only difference between `up` and `down`. */
export type Choose = (basis: ChoiceBasis) => LoadedMigration[];

async function readBasis(open: OpenTable, folder: MigrationFolder): Promise<ChoiceBasis> {
  const history = await readHistory(open.ledger);
  return { folder, history, ...judgeMigrations(folder, history, Date.now()) };
}

/** What stops a run: `up` stops for all of it. */
const PROBLEM_KINDS: readonly HistoryProblem["kind"][] = [
  "changed",
  "missing",
  "outOfOrder",
  "stepGone",
  "sum",
];

/** Refuses to go on where files are wrong or do not fit the history. */
export function assertSound({ folder, problems }: ChoiceBasis, kinds = PROBLEM_KINDS): void {
  const blocking = problems.filter(({ kind }) => kinds.includes(kind));
  if (folder.mistakes.length > 0) throw new MigrationFilesError(folder.mistakes, blocking);
  const [first, ...others] = [...new Set(blocking.map(({ kind }) => kind))];
  if (first === undefined) return;
  if (first === "sum") throw new MigrationsSumError(blocking);
  throw first === "stepGone" && others.length === 0
    ? new StepGoneError(blocking)
    : new MigrationHistoryError(blocking);
}

async function runUnderLease(
  environment: MigrationEnvironment,
  open: OpenTable,
  folder: MigrationFolder,
  direction: "up" | "down",
  choose: Choose,
  lease: Lease,
): Promise<{ results: MigrationResult[]; error?: MigrationOutcome["error"] }> {
  // Another run may have been at work while this one waited for the lease: what counts is what is there now.
  const basis = await readBasis(open, folder);
  const queue = choose(basis);
  const results: MigrationResult[] = queue.map(({ id }) => ({ id, result: "notRun", steps: [] }));
  const run = { environment, open, lease, history: basis.history, direction };
  for (const [index, migration] of queue.entries()) {
    const { result, error } = await runMigration(run, migration);
    results[index] = result;
    if (error) return { results, error };
  }
  return { results };
}

/** Where everything stands after a run; where that cannot be read any more, what stopped the run is thrown. */
async function readAfterwards(
  environment: MigrationEnvironment,
  folder: MigrationFolder,
  stoppedBy: MigrationOutcome["error"],
): Promise<ChoiceBasis> {
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
  const { model, table, signal, log } = environment;
  const folder = await loadMigrations(environment.project, model);
  const reader = await openTable(environment, true);
  const before = await readBasis(reader, folder);
  const outcome: { results: MigrationResult[]; error?: MigrationOutcome["error"] } = { results: [] };
  const chosen = choose(before);
  if (direction === "up") await preflight(environment, reader, chosen, before.history);
  if (chosen.length > 0) {
    const open = await openTable(environment, false);
    const options = { ...environment.lease, command: `migrate ${direction}`, signal, log };
    Object.assign(
      outcome,
      await withLease(open.ledger, options, (lease) =>
        runUnderLease(environment, open, folder, direction, choose, lease),
      ),
    );
  }
  const { migrations } = await readAfterwards(environment, folder, outcome.error);
  return { model, table, direction, ...outcome, migrations, pending: pendingOf(migrations).length };
}
