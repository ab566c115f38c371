import { explainFailure } from "../dynamo/classify.ts";
import { timeText } from "../dynamo/clock.ts";
import type { PaceTotals } from "../dynamo/pace/pacer.ts";
import { InterruptedError, TablewrightError, toErrorDocument } from "../errors.ts";
import { deleteMigration, deleteStep, putEvent, putMigration, putStep } from "../ledger/history.ts";
import {
  deleteScan,
  type History,
  type Lease,
  LeaseLostError,
  type MigrationRecord,
  type StepRecord,
} from "../ledger/index.ts";
import type { MigrationStep } from "./definition/migration.ts";
import { type MigrationEnvironment, type OpenTable, runEnvironment } from "./environment.ts";
import { MigrationFailedError, NotYetError } from "./errors.ts";
import type { LoadedMigration } from "./load-migrations.ts";
import type { MigrationResult, StepOutcome } from "./result.ts";
import { kindOf } from "./steps/index.ts";
import type { StepContext, StepResult } from "./steps/step-context.ts";
import type { Underway } from "./underway.ts";

/** A run of several migrations under one lease. */
export interface Run extends Underway {
  readonly environment: MigrationEnvironment;
  readonly open: OpenTable;
  readonly lease: Lease;
  readonly history: History;
  readonly direction: "up" | "down";
}

/** One migration's way through a run, and the error that ended it early. */
export interface MigrationOutcome {
  readonly result: MigrationResult;
  readonly error?: TablewrightError;
}

const nowText = ({ open }: Run) => timeText(open.ledger.clock);
const secondsSince = ({ open }: Run, start: number) => Math.round(open.ledger.clock.now() - start) / 1000;

/** A step under way: its last known record, kept in step with the ledger. */
class StepRun {
  readonly #run: Run;
  readonly #hash: string;
  readonly step: MigrationStep;
  record: StepRecord;

  constructor(run: Run, migration: LoadedMigration, step: MigrationStep, past: StepRecord | undefined) {
    this.#run = run;
    this.#hash = migration.hash;
    this.step = step;
    this.record = {
      migration: migration.id,
      step: step.id,
      kind: step.kind,
      state: run.direction === "up" ? "running" : "reverting",
      outcome: past?.outcome,
      counts: past?.counts ?? {},
      writes: step.writes.map(({ where, attributes }) => ({
        where: { ...where },
        attributes: [...attributes],
      })),
      notes: past?.notes ?? {},
      startedAt: nowText(run),
    };
  }

  async save(changes: Partial<StepRecord> = {}): Promise<void> {
    this.record = { ...this.record, ...changes };
    await this.#run.lease.write([putStep(this.#run.lease.ledger, this.record)]);
  }

  /** Says that the step is done, whichever way it went: its scan's records go with it. */
  async finish(result: StepResult): Promise<void> {
    const { lease, direction } = this.#run;
    const { migration, step } = this.record;
    const applied = { state: "applied", appliedAt: nowText(this.#run), ...result } as const;
    await lease.write([
      direction === "up"
        ? putStep(lease.ledger, { ...this.record, ...applied, counts: { ...result.counts } })
        : deleteStep(lease.ledger, migration, step),
      deleteScan(lease.ledger, this.record),
    ]);
  }

  get context(): StepContext {
    const run = this.#run;
    const identity = { migration: this.record.migration, step: this.step.id, hash: this.#hash };
    return {
      ...runEnvironment(run.environment, run.open, run.lease, run, identity),
      notes: this.record.notes,
      remember: (name, value) => this.save({ notes: { ...this.record.notes, [name]: value } }),
      forget: (name) => {
        const { [name]: _taken, ...notes } = this.record.notes;
        return this.save({ notes });
      },
    };
  }
}

async function carryOut(stepRun: StepRun, run: Run): Promise<StepResult> {
  const { step } = stepRun;
  const { lease, direction } = run;
  lease.signal.throwIfAborted();
  await stepRun.save();
  const { migration } = stepRun.record;
  const items = run.open.description.ItemCount;
  run.progress.begin({ migration, step: step.id, direction, pacer: run.pacer, items });
  const kind = kindOf(step);
  const work = direction === "up" ? kind.run : kind.undo;
  const result = await work(step, stepRun.context);
  await stepRun.finish(result);
  return result;
}

/** The steps this run has to take, in its order, with what the ledger knows of them. */
function stepsToTake(run: Pick<Run, "history" | "direction">, migration: LoadedMigration) {
  const pastOf = (step: MigrationStep) =>
    run.history.steps.find((record) => record.migration === migration.id && record.step === step.id);
  const steps = migration.steps.map((step) => ({ step, past: pastOf(step) }));
  return run.direction === "up"
    ? steps.filter(({ past }) => past?.state !== "applied")
    : steps.filter(({ past }) => past !== undefined).reverse();
}

/** What a run is to do with a migration, before it has done anything. */
export function notRun(run: Pick<Run, "history" | "direction">, migration: LoadedMigration): MigrationResult {
  const steps = stepsToTake(run, migration).map(
    ({ step: { id, kind } }): StepOutcome => ({ id, kind, result: "notRun", counts: {} }),
  );
  return { id: migration.id, result: "notRun", steps };
}

function startedRecord(run: Run, migration: LoadedMigration): MigrationRecord {
  const past = run.history.migrations.find(({ id }) => id === migration.id);
  const { id, description, hash, fileHash } = migration;
  const { owner, term } = run.lease;
  return {
    id,
    description,
    hash,
    fileHash,
    state: "running",
    direction: run.direction,
    owner,
    term,
    startedAt: nowText(run),
    ...(run.direction === "down" && past
      ? { appliedOrder: past.appliedOrder, appliedAt: past.appliedAt }
      : {}),
  };
}

/** Units to two places: sums of halves and averages have long tails. */
const rounded = (units: number) => Math.round(units * 100) / 100;

function consumedSince({ pacer }: Run, before: PaceTotals["units"]): PaceTotals["units"] {
  const { units } = pacer.totals;
  return { read: rounded(units.read - before.read), write: rounded(units.write - before.write) };
}

/** Says in the ledger how a migration ended. */
async function recordEnd(
  run: Run,
  record: MigrationRecord,
  result: MigrationResult,
  unitsBefore: PaceTotals["units"],
): Promise<void> {
  const { lease, direction } = run;
  const { ledger } = lease;
  const event = putEvent(lease, {
    kind: "migration",
    subject: record.id,
    action: direction,
    outcome: result.result,
    seconds: result.seconds,
    consumed: consumedSince(run, unitsBefore),
    counts: Object.fromEntries(
      result.steps.flatMap(({ id, counts }) =>
        Object.entries(counts).map(([name, count]) => [`${id}.${name}`, count]),
      ),
    ),
    error: record.error?.message,
  });
  const reverted = result.result === "reverted";
  await lease.write([reverted ? deleteMigration(ledger, record.id) : putMigration(ledger, record), event]);
}

/**
 * The failure as an error of ours: an interruption, a lost lease and what is not yet done as they are, all else
 * as a failed migration.
 */
function explain(run: Run, migration: string, step: string | undefined, thrown: unknown): TablewrightError {
  if (thrown instanceof LeaseLostError || thrown instanceof NotYetError) return thrown;
  const { signal, lost } = run.lease;
  if (lost.aborted) return lost.reason as LeaseLostError;
  const { reason }: { reason?: unknown } = signal;
  // What fails while the run comes to its end is a failure like any other.
  if (signal.aborted && thrown === reason) {
    return reason instanceof TablewrightError ? reason : new InterruptedError();
  }
  const { target, table } = run.environment;
  const cause = explainFailure(thrown, target, table);
  return new MigrationFailedError(migration, run.direction, step, cause);
}

function endOf(error: TablewrightError): MigrationResult["result"] {
  if (error instanceof MigrationFailedError) return "failed";
  return error instanceof NotYetError ? "waiting" : "interrupted";
}

async function recordStop(
  run: Run,
  record: MigrationRecord,
  result: MigrationResult,
  error: TablewrightError,
  { step, unitsBefore }: { step: string | undefined; unitsBefore: PaceTotals["units"] },
): Promise<void> {
  if (error instanceof LeaseLostError) return;
  const state = result.result === "interrupted" || result.result === "waiting" ? result.result : "failed";
  const { code, message } = error;
  try {
    await recordEnd(run, { ...record, state, error: { code, message, step } }, result, unitsBefore);
  } catch (failure) {
    // The record goes on saying "running", under a lease that ends: it will be shown as interrupted.
    run.environment.log.debug(`could not note that ${record.id} stopped: ${String(failure)}`);
  }
}

/** A run's attempt at a migration: its result is filled in as its steps are taken. */
class Attempt {
  readonly #run: Run;
  readonly #migration: LoadedMigration;
  readonly #startedAt: number;
  readonly #steps: StepOutcome[];
  readonly unitsBefore: PaceTotals["units"];
  /** The step that is under way. */
  current: string | undefined;

  constructor(run: Run, migration: LoadedMigration) {
    this.#run = run;
    this.#migration = migration;
    this.#startedAt = run.open.ledger.clock.now();
    this.#steps = [...notRun(run, migration).steps];
    this.unitsBefore = run.pacer.totals.units;
  }

  result(result: MigrationResult["result"]): MigrationResult {
    const seconds = secondsSince(this.#run, this.#startedAt);
    return { id: this.#migration.id, result, seconds, steps: [...this.#steps] };
  }

  begin(): void {
    const { id: migration } = this.#migration;
    const { direction } = this.#run;
    const steps = this.#steps.map(({ id, kind }) => ({ id, kind }));
    this.#run.progress.tell({ type: "migrationBegun", migration, direction, steps });
  }

  /** Takes a step, and says how it ended, whichever way. */
  async take(step: MigrationStep, past: StepRecord | undefined): Promise<void> {
    const run = this.#run;
    const { direction, progress } = run;
    const names = { migration: this.#migration.id, step: step.id, kind: step.kind, direction };
    this.current = step.id;
    const startedAt = run.open.ledger.clock.now();
    const unitsBefore = run.pacer.totals.units;
    progress.tell({ type: "stepBegun", ...names });
    const end = (outcome: Pick<StepOutcome, "result" | "outcome" | "counts">) => {
      const seconds = secondsSince(run, startedAt);
      const index = this.#steps.findIndex(({ id }) => id === step.id);
      this.#steps[index] = { id: step.id, kind: step.kind, ...outcome, seconds };
      const consumed = consumedSince(run, unitsBefore);
      progress.tell({ type: "stepFinished", ...names, ...outcome, seconds, consumed });
    };
    try {
      const result = await carryOut(new StepRun(run, this.#migration, step, past), run);
      end({ result: direction === "up" ? "applied" : "reverted", ...result });
      this.current = undefined;
    } catch (thrown) {
      const error = explain(run, this.#migration.id, step.id, thrown);
      end({ result: endOf(error), counts: {} });
      throw thrown;
    }
  }

  finish(result: MigrationResult, error?: TablewrightError): void {
    const { direction, progress } = this.#run;
    const { id: migration, seconds = 0 } = result;
    const consumed = consumedSince(this.#run, this.unitsBefore);
    const facts = { migration, direction, result: result.result, seconds, consumed };
    const failed = error && { error: toErrorDocument(error) };
    progress.tell({ type: "migrationFinished", ...facts, ...failed });
  }
}

/**
 * Takes one migration up or down, from the first step that is not done, and keeps the ledger in step:
 * `running` before anything is changed, `applied` only when every step is. Never throws for what happens
 * on the way: the outcome carries the error.
 */
export async function runMigration(run: Run, migration: LoadedMigration): Promise<MigrationOutcome> {
  const { lease, direction } = run;
  const attempt = new Attempt(run, migration);
  const { unitsBefore } = attempt;
  const record = startedRecord(run, migration);
  attempt.begin();
  try {
    const { id } = migration;
    const started = { kind: "migration", subject: id, action: direction, outcome: "started" } as const;
    await lease.write([putMigration(lease.ledger, record), putEvent(lease, started)]);
    for (const { step, past } of stepsToTake(run, migration)) await attempt.take(step, past);
    const result = attempt.result(direction === "up" ? "applied" : "reverted");
    const applied = {
      state: "applied",
      appliedAt: nowText(run),
      appliedOrder: lease.nextOrder(),
    } as const;
    await recordEnd(run, { ...record, ...applied }, result, unitsBefore);
    attempt.finish(result);
    return { result };
  } catch (thrown) {
    const error = explain(run, migration.id, attempt.current, thrown);
    const result = attempt.result(endOf(error));
    await recordStop(run, record, result, error, { step: attempt.current, unitsBefore });
    attempt.finish(result, error);
    return { result, error };
  }
}
