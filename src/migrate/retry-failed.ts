import { type History, type Lease, putEvent, putStep } from "../ledger/index.ts";
import { assertSound, type Basis, lookAt, underLease } from "./basis.ts";
import { type MigrationEnvironment, type OpenTable, runEnvironment } from "./environment.ts";
import type { RunAbortedError } from "./errors.ts";
import type { LoadedMigration } from "./load-migrations.ts";
import { retryDeadLetters } from "./scan/dead-letters.ts";
import { kindOf } from "./steps/index.ts";
import { type Underway, whileUnderway } from "./underway.ts";

/** What another attempt on the items that a step had set aside came to. */
export interface RetriedStep {
  readonly migration: string;
  readonly step: string;
  /** The keys of the items that it is done with now. */
  readonly solved: readonly string[];
  /** Those that failed again. */
  readonly left: readonly { readonly key: string; readonly error: string }[];
}

/** What `retryFailed` came to. */
export interface RetryResult {
  readonly model: string;
  readonly table: string;
  readonly steps: readonly RetriedStep[];
  /** Items that are still set aside, in all. */
  readonly left: number;
}

/** The applied steps that have set items aside; those of a migration on its way are `up`'s to finish. */
function stepsWithDeadLetters({ deadLetters, steps }: History, migrations: readonly LoadedMigration[]) {
  return steps
    .filter(({ state }) => state === "applied")
    .filter((record) =>
      deadLetters.some(({ migration, step }) => migration === record.migration && step === record.step),
    )
    .flatMap((record) => {
      const migration = migrations.find(({ id }) => id === record.migration);
      const step = migration?.steps.find(({ id }) => id === record.step);
      return migration && step ? [{ record, migration, step }] : [];
    });
}

async function retryAll(
  environment: MigrationEnvironment,
  open: OpenTable,
  { history, folder }: Basis,
  lease: Lease,
  underway: Underway,
): Promise<RetriedStep[]> {
  const results: RetriedStep[] = [];
  for (const { record, migration, step } of stepsWithDeadLetters(history, folder.migrations)) {
    const identity = { migration: record.migration, step: record.step, hash: migration.hash };
    const nothing = () => Promise.resolve();
    const context = {
      ...runEnvironment(environment, open, lease, underway, identity),
      notes: record.notes,
      remember: nothing,
      forget: nothing,
    };
    const work = kindOf(step).scanWork?.(step, "up", context);
    if (!work) continue;
    const { solved, left } = await retryDeadLetters(work, context);
    const { show } = context;
    const counts = { ...record.counts, failed: left.length };
    const event = putEvent(lease, {
      kind: "migration",
      subject: record.migration,
      action: "retry-failed",
      outcome: left.length === 0 ? "solved" : "left",
      counts: { [`${step.id}.solved`]: solved.length, [`${step.id}.left`]: left.length },
    });
    await lease.write([putStep(lease.ledger, { ...record, counts }), event]);
    results.push({
      migration: record.migration,
      step: record.step,
      solved: solved.map(({ shownKey }) => show.words(shownKey)),
      left: left.map(({ shownKey, error }) => ({ key: show.words(shownKey), error: show.words(error) })),
    });
  }
  return results;
}

/**
 * Tries the items again that applied steps have set aside, under the table's lease. Writes nothing where
 * there are none.
 * @throws {MigrationHistoryError} where a file was edited or is gone; what `withLease` throws.
 */
export async function retryFailed(environment: MigrationEnvironment): Promise<RetryResult> {
  const { model, table } = environment;
  const { basis } = await lookAt(environment);
  assertSound(basis, ["changed", "missing"]);
  const { history, folder } = basis;
  if (stepsWithDeadLetters(history, folder.migrations).length === 0) {
    return { model, table, steps: [], left: 0 };
  }
  const aborted = new AbortController();
  const signal = AbortSignal.any([environment.signal ?? [], aborted.signal].flat());
  const stoppable = { ...environment, signal };
  const abort = (reason: RunAbortedError) => aborted.abort(reason);
  const steps = await underLease(stoppable, "migrate retry-failed", folder, (lease, open, now) =>
    whileUnderway(stoppable, open, lease, abort, (underway) =>
      retryAll(stoppable, open, now, lease, underway),
    ),
  );
  return { model, table, steps, left: steps.reduce((sum, step) => sum + step.left.length, 0) };
}
