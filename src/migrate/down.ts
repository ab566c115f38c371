import { UsageError } from "../errors.ts";
import type { MigrationRecord } from "../ledger/index.ts";
import { assertSound, type Basis } from "./basis.ts";
import { compareIds } from "./compare-ids.ts";
import type { MigrationEnvironment } from "./environment.ts";
import { IrreversibleMigrationError, PlanChangedError, type Refusal } from "./errors.ts";
import { assertKnown, type LoadedMigration } from "./load-migrations.ts";
import { refuseToUndoMarked } from "./mark-applied.ts";
import type { MigrateResult } from "./result.ts";
import { runQueue } from "./run-queue.ts";
import { kindOf } from "./steps/index.ts";

/** How far `down` goes. */
export interface DownOptions {
  /** How many migrations to revert. Default: 1, without `to` and `only`. */
  steps?: number | undefined;
  /** Revert what comes after this migration, which stays. */
  to?: string | undefined;
  /** Revert these alone, as far as they were started. */
  only?: readonly string[] | undefined;
}

/** What is not applied to the end comes first, then the last applied. */
const byAppliedLast = (a: MigrationRecord, b: MigrationRecord) =>
  (b.appliedOrder ?? Number.POSITIVE_INFINITY) - (a.appliedOrder ?? Number.POSITIVE_INFINITY) ||
  compareIds(b.id, a.id);

function findRefusals(
  chosen: readonly LoadedMigration[],
  { history }: Basis,
  indexOwner: MigrationEnvironment["indexOwner"],
): Refusal[] {
  return chosen.flatMap(({ id, steps }) =>
    steps.flatMap((step) => {
      const record = history.steps.find((past) => past.migration === id && past.step === step.id);
      if (!record) return [];
      const reason =
        refuseToUndoMarked(record.outcome) ??
        kindOf(step).refuseToUndo(step, {
          outcome: record.outcome,
          notes: record.notes,
          indexOwner,
        });
      return reason === undefined ? [] : [{ id, step: step.id, reason }];
    }),
  );
}

function assertCount(steps: number | undefined): void {
  if (steps === undefined || (Number.isInteger(steps) && steps > 0)) return;
  throw new UsageError({
    message: `--steps ${steps} is not a number of migrations`,
    next: "Give a whole number above 0.",
    facts: { steps },
  });
}

/** What `down` would revert, last applied first. */
export function chooseStarted(
  basis: Basis,
  options: DownOptions,
  indexOwner: MigrationEnvironment["indexOwner"],
): LoadedMigration[] {
  const { steps, to } = options;
  assertCount(steps);
  assertSound(basis, ["changed", "missing", "stepGone"]);
  if (to !== undefined) assertKnown(to, basis.folder.ids);
  const started = [...basis.history.migrations].sort(byAppliedLast);
  const count = steps ?? (to === undefined && options.only === undefined ? 1 : started.length);
  const chosen = started
    .filter(({ id }) => to === undefined || compareIds(id, to) > 0)
    .filter(({ id }) => options.only?.includes(id) ?? true)
    .slice(0, count)
    .flatMap(({ id }) => basis.folder.migrations.filter((migration) => migration.id === id));
  const refusals = findRefusals(chosen, basis, indexOwner);
  if (refusals.length > 0) throw new IrreversibleMigrationError(refusals);
  return chosen;
}

/** What `down` is asked to do. */
export interface DownRequest extends DownOptions {
  /** The ids that were confirmed, in the order of the plan: anything else is refused. Default: none were asked for. */
  confirmed?: readonly string[] | undefined;
}

function assertConfirmed(chosen: readonly LoadedMigration[], confirmed: DownRequest["confirmed"]): void {
  const ids = chosen.map(({ id }) => id);
  const same = confirmed?.length === ids.length && confirmed.every((id, index) => id === ids[index]);
  if (confirmed !== undefined && !same) throw new PlanChangedError(confirmed, ids);
}

/**
 * Reverts migrations, the last applied first: index dropped where the migration made and owns it,
 * counters, marks and filled attributes removed by conditional updates. One that was interrupted on its
 * way, in either direction, is reverted too.
 * @throws {IrreversibleMigrationError} where one of them cannot be undone; {@link PlanChangedError} where
 * they are not those that were confirmed. Then nothing was changed.
 */
export function migrateDown(
  environment: MigrationEnvironment,
  request: DownRequest = {},
): Promise<MigrateResult> {
  return runQueue(environment, "down", (basis) => {
    const chosen = chooseStarted(basis, request, environment.indexOwner);
    assertConfirmed(chosen, request.confirmed);
    return chosen;
  });
}
