import type { IndexDifference } from "../dynamo/describe.ts";
import { ExitCode, TablewrightError } from "../errors.ts";
import { describeHolder, type HeldLease, type HolderFacts } from "../ledger/index.ts";

/** One mistake in the migrations folder. */
export interface FileMistake {
  readonly file: string;
  readonly problem: string;
}

/** Why the history and the files do not go together. */
export interface HistoryProblem {
  readonly id: string;
  readonly kind: "changed" | "missing" | "outOfOrder" | "stepGone" | "sum";
  readonly problem: string;
}

const listProblems = (problems: readonly HistoryProblem[]) =>
  problems.map(({ id, problem }) => `${id}: ${problem}`);

/** Migration files are wrong; carries every mistake, and what is wrong with the history besides. */
export class MigrationFilesError extends TablewrightError {
  readonly code = "migration-files";
  readonly exitCode = ExitCode.usage;

  constructor(mistakes: readonly FileMistake[], problems: readonly HistoryProblem[] = []) {
    const lines = mistakes.map(({ file, problem }) => `${file}: ${problem}`);
    super({
      message: [...lines, ...listProblems(problems)].join("\n"),
      next: "Correct the files; nothing was written.",
      facts: { mistakes, problems },
    });
  }
}

/** The files are not those that migrations.sum vouches for. */
export class MigrationsSumError extends TablewrightError {
  readonly code = "migrations-sum";
  readonly exitCode = ExitCode.usage;

  constructor(problems: readonly HistoryProblem[]) {
    super({
      message: listProblems(problems).join("\n"),
      next: "Look at what changed; where the files are meant as they are, run `tablewright migrate sum` and commit its file. Nothing was written.",
      facts: { problems },
    });
  }
}

/** The files and the history of the table do not go together. */
export class MigrationHistoryError extends TablewrightError {
  readonly code = "migration-history";
  readonly exitCode = ExitCode.no;

  constructor(problems: readonly HistoryProblem[]) {
    super({
      message: listProblems(problems).join("\n"),
      next: "Bring back the files as they were applied, and give new migrations an id above the applied ones; nothing was written.",
      facts: { problems },
    });
  }
}

/** A migration that is not applied to its end has records of steps that its file does not have any more. */
export class StepGoneError extends TablewrightError {
  readonly code = "step-gone";
  readonly exitCode = ExitCode.no;

  constructor(problems: readonly HistoryProblem[]) {
    super({
      message: listProblems(problems).join("\n"),
      next: "Bring each of these steps back into its file, by its id and kind. To do without one, run migrate down then, which undoes it, and take it out of the file afterwards; nothing was written.",
      facts: { problems },
    });
  }
}

/** There is no migration of that id. */
export class UnknownMigrationError extends TablewrightError {
  readonly code = "unknown-migration";
  readonly exitCode = ExitCode.usage;

  constructor(id: string, known: readonly string[]) {
    super({
      message: `there is no migration "${id}" (known: ${known.join(", ") || "none"})`,
      next: "Name one of the known migrations.",
      facts: { id, known },
    });
  }
}

/** A migration did not go through; its record says `failed`, never `applied`. */
export class MigrationFailedError extends TablewrightError {
  readonly code = "migration-failed";
  readonly exitCode: ExitCode;

  constructor(id: string, direction: "up" | "down", step: string | undefined, cause: unknown) {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    const place = step === undefined ? id : `${id}, step ${step}`;
    super({
      message: `${place} failed on the way ${direction}: ${reason}`,
      next:
        cause instanceof TablewrightError ? cause.next : `Mend the cause and run migrate ${direction} again.`,
      facts: {
        id,
        direction,
        step,
        cause: cause instanceof TablewrightError ? { code: cause.code, ...cause.facts } : undefined,
      },
      cause,
    });
    const couldNotRun = cause instanceof TablewrightError && cause.exitCode === ExitCode.couldNotRun;
    this.exitCode = couldNotRun ? ExitCode.couldNotRun : ExitCode.no;
  }
}

/** The index is there, but it is another one. */
export class IndexDriftError extends TablewrightError {
  readonly code = "index-drift";
  readonly exitCode = ExitCode.no;

  constructor(table: string, index: string, differences: readonly IndexDifference[]) {
    const lines = differences.map(
      ({ field, declared, found }) => `${field}: ${declared} wanted, ${found} found`,
    );
    super({
      message: `the index ${index} of ${table} differs from the migration's: ${lines.join("; ")}`,
      next: "An index cannot be reshaped: make a new one under a new name, switch the readers, drop the old one.",
      facts: { table, index, differences },
    });
  }
}

/** A step went over the table again and again and still found items to change. */
export class NotConvergedError extends TablewrightError {
  readonly code = "not-converged";
  readonly exitCode = ExitCode.no;

  constructor(step: string, passes: number, left: number) {
    super({
      message: `${step}: after ${passes} passes over the table ${left} items still need it`,
      next: "Writers that make such items still run: bring the application up to date, then run the command again.",
      facts: { step, passes, left },
    });
  }
}

/** Other transactions kept a counter's item busy. */
export class CounterContentionError extends TablewrightError {
  readonly code = "counter-contention";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(step: string, counter: string, seconds: number) {
    super({
      message: `${step}: other transactions kept ${counter} busy for ${seconds} s`,
      next: "Run the command again when there is less traffic: it goes on from here.",
      facts: { step, counter, seconds },
    });
  }
}

/** The run that is to be helped goes by another file than the one that is here. */
export class JoinedFileError extends TablewrightError {
  readonly code = "joined-file";
  readonly exitCode = ExitCode.usage;

  constructor(migration: string, step: string) {
    super({
      message: `${migration}, step ${step}: the run that is under way goes by another file than the one here`,
      next: "Check out the version that the run was started from, then join it.",
      facts: { migration, step },
    });
  }
}

/** A migration says something of an item that cannot be carried out. */
export class StepDefinitionError extends TablewrightError {
  readonly code = "step-definition";
  readonly exitCode = ExitCode.no;

  constructor(step: string, item: string, problem: string, cause?: unknown) {
    super({
      message: `${step}: ${item}: ${problem}`,
      next: "Correct the migration's file, then run the command again.",
      facts: { step, item, problem },
      cause,
    });
  }
}

/** A step that cannot be undone, in words. */
export interface Refusal {
  readonly id: string;
  readonly step: string;
  readonly reason: string;
}

/** What was asked to be undone cannot be; nothing was changed. */
export class IrreversibleMigrationError extends TablewrightError {
  readonly code = "irreversible-migration";
  readonly exitCode = ExitCode.no;

  constructor(refusals: readonly Refusal[]) {
    super({
      message: refusals.map(({ id, step, reason }) => `${id}, step ${step}: ${reason}`).join("\n"),
      next: "Nothing was changed. Undo less (--steps, --to), or go on with a new migration.",
      facts: { refusals },
    });
  }
}

/** Somebody migrated between the plan that was confirmed and the run; nothing was changed. */
export class PlanChangedError extends TablewrightError {
  readonly code = "plan-changed";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(confirmed: readonly string[], now: readonly string[]) {
    const list = (ids: readonly string[]) => ids.join(", ") || "nothing";
    super({
      message: `${list(confirmed)} was confirmed, ${list(now)} would be reverted now: somebody migrated meanwhile`,
      next: "Nothing was changed. See migrate status, and run migrate down again if it is still wanted.",
      facts: { confirmed, now },
    });
  }
}

/** The lock was to be taken from somebody who does not hold it. */
export class NotTheHolderError extends TablewrightError {
  readonly code = "not-the-holder";
  readonly exitCode = ExitCode.usage;

  constructor(table: string, owner: string, holder: HeldLease | undefined) {
    const now = holder ? `${describeHolder(holder)} does, as ${holder.owner}` : "nobody does";
    super({
      message: `${owner} does not hold the lock on ${table}: ${now}`,
      next: holder
        ? `Where that run is known to be dead: tablewright migrate unlock --owner ${holder.owner}`
        : "There is nothing to unlock.",
      facts: { table, owner, holder },
    });
  }
}

/** What is to be repaired is not in the state that the repair is for. */
export class RepairRefusedError extends TablewrightError {
  readonly code = "repair-refused";
  readonly exitCode = ExitCode.usage;

  constructor(id: string, repair: string, state: string, next: string) {
    super({
      message: `${id} is ${state}: --${repair} is not for that`,
      next,
      facts: { id, repair, state },
    });
  }
}

/** A step that a table was to be baselined on is not done there. */
export interface UndoneStep {
  readonly id: string;
  readonly step: string;
  /** What the step would still do, in words. */
  readonly action: string;
}

/** A table is not as the migrations that it was to be baselined on would leave it. */
export class BaselineRefusedError extends TablewrightError {
  readonly code = "baseline-refused";
  readonly exitCode = ExitCode.no;

  constructor(table: string, undone: readonly UndoneStep[]) {
    super({
      message: [
        `${table} is not as these migrations leave a table:`,
        ...undone.map(({ id, step, action }) => `  ${id}: ${step} would still ${action}`),
      ].join("\n"),
      next: "Run `tablewright migrate up` for what is not done, or stop the baseline before it with --to. Nothing was written.",
      facts: { table, undone },
    });
  }
}

/** The items are not as a `verify` step says that they must be. */
export class CheckFailedError extends TablewrightError {
  readonly code = "check-failed";
  readonly exitCode = ExitCode.no;

  constructor(step: string, problems: readonly string[], facts: { items: number; wrong: number }) {
    super({
      message: `${step}: ${problems.join("; ")}`,
      next: "Mend the items, or the migrations that made them, then run the command again: it goes on with this check.",
      facts: { step, ...facts },
    });
  }
}

/** A script returned something that is not counts by name. */
export class InvalidCountsError extends TablewrightError {
  readonly code = "invalid-counts";
  readonly exitCode = ExitCode.no;

  constructor(step: string) {
    super({
      message: `${step}: the script returned something else than counts by name`,
      next: "Let it return nothing, or numbers such as { moved: 3 }, then run the command again.",
      facts: { step },
    });
  }
}

/** A setting of the table is on, but otherwise than the migration wants it. */
export class SettingDriftError extends TablewrightError {
  readonly code = "setting-drift";
  readonly exitCode = ExitCode.no;

  constructor(table: string, setting: string, found: string) {
    super({
      message: `${setting} is wanted on ${table}, and ${found} is found`,
      next: "Somebody else set it, and may need it: agree on one, turn the other off, then run the command again.",
      facts: { table, setting, found },
    });
  }
}

/** What a step waits for goes on by itself, for longer than this run was to wait. */
export class NotYetError extends TablewrightError {
  readonly code = "not-yet";
  readonly exitCode = ExitCode.notYet;

  constructor(what: string, status: string, cause?: unknown) {
    super({
      message: `${what} is ${status}: this run waits no longer`,
      next: "It goes on by itself. Run the command again: it looks where things stand and goes on from there (--wait says how long).",
      facts: { what, status },
      cause,
    });
  }
}

/** An index that a migration would drop belongs to the Pulumi program. */
export class IndexOwnedError extends TablewrightError {
  readonly code = "index-owned";
  readonly exitCode = ExitCode.no;

  constructor(table: string, index: string) {
    super({
      message: `the index ${index} of ${table} belongs to the Pulumi program (indexOwner: pulumi), so a migration does not drop it`,
      next: "Take it out of the program and run pulumi up; then this migration finds nothing to drop.",
      facts: { table, index },
    });
  }
}

/** Somebody ended the run by `migrate abort`: what it did stays, and it can go on. */
export class RunAbortedError extends TablewrightError {
  readonly code = "run-aborted";
  readonly exitCode = ExitCode.interrupted;

  constructor(
    table: string,
    by: { readonly user: string; readonly host: string; readonly reason?: string | undefined },
  ) {
    const { user, host, reason } = by;
    super({
      message: `aborted by ${user} on ${host}${reason === undefined ? "" : `: ${reason}`}`,
      next: "Run the same command again to go on from here.",
      facts: { table, user, host, reason },
    });
  }
}

/** An order is for a run that is under way, and there is none. */
export class NoRunError extends TablewrightError {
  readonly code = "no-run";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, holder: HolderFacts | undefined) {
    const other = holder ? `: its lock is held by ${describeHolder(holder)}, which takes no orders` : "";
    super({
      message: `no migration is under way on ${table}${other}`,
      next: "See `tablewright migrate status`. A rate for the next run is given to it: `tablewright migrate up --rate 500wcu`.",
      facts: { table, holder },
    });
  }
}

/** Others kept giving orders to the same run. */
export class OrderRacedError extends TablewrightError {
  readonly code = "order-raced";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string) {
    super({
      message: `others gave orders to the run on ${table} at the same moment, again and again`,
      next: "See `tablewright migrate history`, then give the order again if it is still wanted.",
      facts: { table },
    });
  }
}

/** Items would be missing from an index that was to be made strictly, or it would be throttled; it was not asked for. */
export class IndexPreflightError extends TablewrightError {
  readonly code = "index-preflight";
  readonly exitCode = ExitCode.no;

  constructor(index: string, warnings: readonly { code: string; message: string; facts: object }[]) {
    super({
      message: warnings.map(({ message }) => message).join("\n"),
      next: "Nothing was asked for. Mend the items, with a backfill before this step; or take strict out of it.",
      facts: { index, warnings },
    });
  }
}
