import {
  type History,
  type Lease,
  type LeaseNews,
  logLeaseNews,
  readHistory,
  withLease,
} from "../ledger/index.ts";
import { gitCommit } from "../project/git-commit.ts";
import { type MigrationEnvironment, type OpenTable, openTable } from "./environment.ts";
import {
  type HistoryProblem,
  MigrationFilesError,
  MigrationHistoryError,
  MigrationsSumError,
  StepGoneError,
} from "./errors.ts";
import { type Judgement, judgeMigrations } from "./judge-migrations.ts";
import { loadMigrations, type MigrationFolder } from "./load-migrations.ts";

/** What every choice is made on: the files, the history, and what the two together say. */
export interface Basis extends Judgement {
  readonly folder: MigrationFolder;
  readonly history: History;
}

/** Reads the history, and judges the files by it. */
export async function readBasis(open: OpenTable, folder: MigrationFolder): Promise<Basis> {
  const history = await readHistory(open.ledger);
  return { folder, history, ...judgeMigrations(folder, history, open.ledger.clock.wallTime().getTime()) };
}

/** The files of an environment's model, and its table's history, for a look that writes nothing. */
export async function lookAt(environment: MigrationEnvironment): Promise<{ open: OpenTable; basis: Basis }> {
  const folder = await loadMigrations(environment.migrations);
  const open = await openTable(environment, true);
  return { open, basis: await readBasis(open, folder) };
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
export function assertSound({ folder, problems }: Basis, kinds = PROBLEM_KINDS): void {
  const blocking = problems.filter(({ kind }) => kinds.includes(kind));
  if (folder.mistakes.length > 0) throw new MigrationFilesError(folder.mistakes, blocking);
  const [first, ...others] = [...new Set(blocking.map(({ kind }) => kind))];
  if (first === undefined) return;
  if (first === "sum") throw new MigrationsSumError(blocking);
  throw first === "stepGone" && others.length === 0
    ? new StepGoneError(blocking)
    : new MigrationHistoryError(blocking);
}

/** Says that a run waits for the lock; the rest goes to the log. */
function tellLeaseNews({ log, table, progress }: MigrationEnvironment): (news: LeaseNews) => void {
  const toLog = logLeaseNews(log, table);
  return (news) => {
    if (news.kind !== "waiting" || !progress) return toLog(news);
    const { owner, command, user, host, pid, term } = news.holder;
    const holder = { owner, command, user, host, pid, term };
    progress.tell({ type: "waiting", for: "lock", holder });
  };
}

/** What works under a table's lease. */
export type LeasedWork<T> = (lease: Lease, open: OpenTable, basis: Basis) => Promise<T>;

/**
 * Takes the table's lease, reads anew what the work is decided on, as another run may have been at work while
 * this one waited, and does the work.
 * @param command what runs, such as "migrate up": shown to whoever waits
 */
export async function underLease<T>(
  environment: MigrationEnvironment,
  command: string,
  folder: MigrationFolder,
  work: LeasedWork<T>,
): Promise<T> {
  const { signal, migrations } = environment;
  const open = await openTable(environment, false);
  const commit = await gitCommit(migrations.root);
  const options = { ...environment.lease, command, signal, news: tellLeaseNews(environment), commit };
  return withLease(open.ledger, options, async (lease) => work(lease, open, await readBasis(open, folder)));
}
