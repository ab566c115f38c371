import type { DeadLetterRecord, History, MigrationRecord, StepRecord } from "../ledger/index.ts";
import { compareIds } from "./compare-ids.ts";
import type { HistoryProblem } from "./errors.ts";
import { isSame } from "./identity/semantic-hash.ts";
import type { LoadedMigration, MigrationFolder } from "./load-migrations.ts";
import { NOTE_STAGE } from "./steps/index-stage.ts";

/** Where a migration stands. */
export type MigrationState =
  | "pending"
  | "running"
  | "interrupted"
  | "applied"
  | "failed"
  /** Applied, and its file was edited since. */
  | "changed"
  /** Started or applied, and its file is gone. */
  | "missing";

/** Where a step stands. */
export interface StepStatus {
  readonly id: string;
  readonly kind: string;
  readonly state: "pending" | StepRecord["state"];
  readonly outcome?: string | undefined;
  readonly counts?: Readonly<Record<string, number>>;
  readonly appliedAt?: string | undefined;
  /** How far what it waits for has come, such as "backfilling 40 %". */
  readonly stage?: string | undefined;
  /** How far it has gone over the table, where it is on its way. */
  readonly scan?: ScanStatus;
  /** Items that it could not deal with and set aside. */
  readonly setAside?: readonly Pick<DeadLetterRecord, "shownKey" | "error" | "attempts">[];
}

/** How far a step has gone over the table. */
export interface ScanStatus {
  /** Counts the times that the table is gone over, from 1. */
  readonly pass: number;
  /** Segments of this pass, and how many of them are done. */
  readonly segments: number;
  readonly done: number;
  /** Items looked at in this pass, as far as checkpoints tell. */
  readonly scanned: number;
}

/** A migration as its file and the ledger together tell. */
export interface MigrationStatus {
  readonly id: string;
  readonly description: string;
  readonly state: MigrationState;
  /** Which way the last run went, where it did not end well. */
  readonly direction?: "up" | "down";
  readonly appliedAt?: string | undefined;
  /** The run that holds the lease has not been heard of for a while: for display, nothing is decided on it. */
  readonly probablyInterrupted?: true;
  readonly error?: MigrationRecord["error"];
  readonly steps: readonly StepStatus[];
}

/** Everything `up` and `down` decide on. */
export interface Judgement {
  readonly migrations: readonly MigrationStatus[];
  readonly problems: readonly HistoryProblem[];
}

function heartbeatIsOld(history: History, now: number): boolean {
  const { lease } = history;
  return lease !== undefined && now - Date.parse(lease.heartbeatAt) > 2 * lease.leaseMs;
}

function isUnderWay(record: MigrationRecord, history: History): boolean {
  return history.lease?.owner === record.owner && history.lease.term === record.term;
}

function stateOf(
  record: MigrationRecord | undefined,
  file: LoadedMigration | undefined,
  onDisk: boolean,
  history: History,
): MigrationState {
  if (!record) return "pending";
  if (!onDisk) return "missing";
  if (record.state === "running") return isUnderWay(record, history) ? "running" : "interrupted";
  // It is still to be done, and nothing went wrong.
  if (record.state === "waiting") return "pending";
  if (record.state === "applied" && file && !isSame(file, record)) return "changed";
  return record.state;
}

/** What a step's scan and its dead letters tell. */
function judgeScan(
  migration: string,
  step: string,
  { scans, segments, deadLetters }: History,
): Pick<StepStatus, "scan" | "setAside"> {
  const isOwn = (record: { migration: string; step: string }) =>
    record.migration === migration && record.step === step;
  const scan = scans.find(isOwn);
  const pass = segments.filter((record) => isOwn(record) && record.pass === scan?.pass);
  const done = pass.filter(({ state }) => state === "done").length;
  const scanned = pass.reduce((sum, segment) => sum + segment.scanned, 0);
  const setAside = deadLetters
    .filter(isOwn)
    .map(({ shownKey, error, attempts }) => ({ shownKey, error, attempts }));
  return {
    ...(scan ? { scan: { pass: scan.pass, segments: scan.segments, done, scanned } } : {}),
    ...(setAside.length > 0 ? { setAside } : {}),
  };
}

function judgeSteps(id: string, file: LoadedMigration | undefined, history: History): StepStatus[] {
  const own = history.steps.filter((record) => record.migration === id);
  const steps = file?.steps ?? own.map(({ step, kind }) => ({ id: step, kind }));
  return steps.map((step) => {
    const record = own.find((candidate) => candidate.step === step.id);
    const { state = "pending", outcome, counts, appliedAt } = record ?? {};
    return {
      id: step.id,
      kind: step.kind,
      state,
      outcome,
      counts,
      appliedAt,
      stage: record?.notes[NOTE_STAGE],
      ...judgeScan(id, step.id, history),
    };
  });
}

function judgeOne(id: string, folder: MigrationFolder, history: History, now: number): MigrationStatus {
  const file = folder.migrations.find((migration) => migration.id === id);
  const record = history.migrations.find((migration) => migration.id === id);
  const state = stateOf(record, file, folder.ids.includes(id), history);
  const unfinished = record !== undefined && record.state !== "applied";
  return {
    id,
    description: file?.description ?? record?.description ?? "",
    state,
    ...(unfinished ? { direction: record.direction } : {}),
    ...(record?.appliedAt === undefined ? {} : { appliedAt: record.appliedAt }),
    ...(state === "running" && heartbeatIsOld(history, now) ? { probablyInterrupted: true } : {}),
    ...(record?.error === undefined ? {} : { error: record.error }),
    steps: judgeSteps(id, file, history),
  };
}

const PROBLEM_TEXT = {
  changed: "its file was edited after it was applied",
  missing: "the ledger knows it, but its file is gone",
} as const;

/** What was applied in its turn and taken back since: later migrations ran on top of it, and may stay. */
function takenBack({ events }: History): Set<string> {
  const back = events.filter(
    ({ kind, action }) => kind === "migration" && ["down", "mark-pending"].includes(action),
  );
  return new Set(back.map(({ subject }) => subject));
}

/** What an edited file would leave behind: started steps that it does not have any more. */
function findGoneSteps(file: LoadedMigration, records: readonly StepRecord[]): HistoryProblem[] {
  const { id, steps } = file;
  return records
    .filter(({ migration }) => migration === id)
    .filter((record) => !steps.some((step) => step.id === record.step && step.kind === record.kind))
    .map(({ step, kind }) => ({
      id,
      kind: "stepGone",
      problem: `its step ${step} (${kind}) was started, and its file has no such step any more`,
    }));
}

function findProblems(
  migrations: readonly MigrationStatus[],
  folder: MigrationFolder,
  history: History,
): HistoryProblem[] {
  const applied = new Set(history.migrations.filter(({ state }) => state === "applied").map(({ id }) => id));
  const lastApplied = [...applied].sort(compareIds).at(-1);
  const known = takenBack(history);
  return migrations.flatMap(({ id, state }): HistoryProblem[] => {
    if (state === "changed" || state === "missing")
      return [{ id, kind: state, problem: PROBLEM_TEXT[state] }];
    const file = folder.migrations.find((migration) => migration.id === id);
    const gone = file ? findGoneSteps(file, history.steps) : [];
    const inTurn = applied.has(id) || lastApplied === undefined || compareIds(id, lastApplied) > 0;
    if (inTurn || known.has(id)) return gone;
    const problem = `it is not applied, but ${lastApplied}, which comes after it, is`;
    return [...gone, { id, kind: "outOfOrder", problem }];
  });
}

/**
 * Puts files and history together: where each migration stands, and what stops `up` and `down`. Pure.
 * @param now the wall time in milliseconds since 1970, for display
 */
export function judgeMigrations(folder: MigrationFolder, history: History, now: number): Judgement {
  const ids = new Set([...folder.ids, ...history.migrations.map(({ id }) => id)]);
  const migrations = [...ids].sort(compareIds).map((id) => judgeOne(id, folder, history, now));
  const sum = folder.sumMistakes.map(({ file, problem }) => ({ id: file, kind: "sum", problem }) as const);
  return { migrations, problems: [...findProblems(migrations, folder, history), ...sum] };
}

/** The migrations that `up` would run. */
export function pendingOf(migrations: readonly MigrationStatus[]): MigrationStatus[] {
  const open: readonly MigrationState[] = ["pending", "interrupted", "failed", "running"];
  return migrations.filter(({ state }) => open.includes(state));
}
