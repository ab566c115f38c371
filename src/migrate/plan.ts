import { ceilingsFor } from "../dynamo/pace/rate-limit.ts";
import { startRate } from "../dynamo/pace/start-rate.ts";
import { tariffOf } from "../dynamo/prices.ts";
import type { History } from "../ledger/index.ts";
import { assertSound, lookAt } from "./basis.ts";
import type { MigrationStep } from "./definition/migration.ts";
import { chooseStarted, type DownOptions } from "./down.ts";
import { type MigrationEnvironment, type OpenTable, stepEnvironment } from "./environment.ts";
import type { FileMistake } from "./errors.ts";
import { pendingOf } from "./judge-migrations.ts";
import type { LoadedMigration } from "./load-migrations.ts";
import { type ForecastTerms, type ForecastTotals, forecast, totalOf } from "./plan/forecast.ts";
import { ForeseenTable, readItems, type SampleBounds } from "./plan/foreseen-table.ts";
import { kindOf } from "./steps/index.ts";
import type { FoundPlan, LookContext, StepPlan } from "./steps/step-context.ts";
import { whileLooking } from "./underway.ts";
import { choosePending, type UpOptions } from "./up.ts";

/** What a step would do. */
export interface PlannedStep extends StepPlan {
  readonly id: string;
  readonly kind: string;
  /** An earlier run has done it: only the steps after it are left. */
  readonly done?: true;
}

/** What a migration would do. */
export interface PlannedMigration {
  readonly id: string;
  readonly description: string;
  readonly steps: readonly PlannedStep[];
}

/** What a plan was made from. */
export interface PlanSample {
  /** Items that were read. */
  readonly items: number;
  /** Whether these are all. */
  readonly whole: boolean;
  /** What reading them cost. */
  readonly readUnits: number;
}

/** What a run would do: found out by reading, so it can be printed, and applied, or not. */
export interface MigrationPlan {
  readonly model: string;
  readonly table: string;
  readonly direction: "up" | "down";
  /** In the order they would run. */
  readonly planned: readonly PlannedMigration[];
  /** How many items and indexes would be changed in all; 0: nothing is left to do. */
  readonly changes: number;
  readonly pending: number;
  /** Undefined where nothing had to be read. */
  readonly sample?: PlanSample;
  /** Undefined where nothing is planned. */
  readonly totals?: ForecastTotals;
  /** What would fail, with its file: a run refuses to begin, or fails on its way. */
  readonly mistakes: readonly FileMistake[];
}

/** How a plan is made. */
export interface PlanOptions extends UpOptions {
  /** Plan the applied migrations too: each of their steps must find nothing to change. Default false. */
  includeApplied?: boolean;
  /** Where a step finds nothing to change on a sample, make sure by going over the whole table. Default false. */
  thorough?: boolean;
  /** How much of the table is read. */
  sample?: SampleBounds;
}

/** What the steps of a queue are planned with. */
interface Planning {
  readonly context: Omit<LookContext, "migration">;
  readonly table: ForeseenTable;
  readonly terms: ForecastTerms;
  /** Steps that are done, which a run leaves out. */
  readonly past: History["steps"];
  readonly thorough: boolean;
}

/** Finds out what a run would do with one migration. */
type PlanOne = (migration: LoadedMigration, planning: Planning) => Promise<PlannedMigration>;

const withForecast = (
  step: Pick<MigrationStep, "id" | "kind">,
  { work, ...plan }: FoundPlan,
  { table, terms }: Planning,
): PlannedStep => ({
  id: step.id,
  kind: step.kind,
  ...plan,
  ...(work ? { forecast: forecast(work, table, terms) } : {}),
});

const planRevert: PlanOne = async ({ id, description, steps }, planning) => {
  const { context, table, past } = planning;
  const planned: PlannedStep[] = [];
  for (const step of [...steps].reverse()) {
    const record = past.find((one) => one.migration === id && one.step === step.id);
    if (!record) continue;
    const before = { outcome: record.outcome, notes: record.notes, indexOwner: context.indexOwner };
    const found = await kindOf(step).planUndo(step, { ...context, migration: id }, table, before);
    planned.push(withForecast(step, found, planning));
  }
  return { id, description, steps: planned };
};

const planMigration: PlanOne = async ({ id, description, steps }, planning) => {
  const { context, table, past, thorough } = planning;
  const isDone = (step: string) =>
    past.some((record) => record.migration === id && record.step === step && record.state === "applied");
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const { kind } = step;
    if (isDone(step.id)) {
      planned.push({
        id: step.id,
        kind,
        done: true,
        action: "done by an earlier run",
        changes: 0,
        counts: {},
      });
      continue;
    }
    const { plan: find, countOpen } = kindOf(step);
    const found = await find(step, { ...context, migration: id }, table);
    const isUnsure = thorough && found.changes === 0 && !table.isExact;
    const changes = isUnsure && countOpen ? await countOpen(step, context) : found.changes;
    planned.push(withForecast(step, { ...found, changes }, planning));
  }
  return { id, description, steps: planned };
};

/** Where nothing is to be done. */
const NOTHING = { planned: [], changes: 0, mistakes: [] } as const;

/** What would fail of a migration, with its file. */
function mistakesOf({ id, steps }: PlannedMigration, queue: readonly LoadedMigration[]): FileMistake[] {
  const file = queue.find((migration) => migration.id === id)?.file ?? id;
  return steps.flatMap((step) =>
    (step.problems ?? []).map((problem) => ({ file, problem: `step ${step.id}: ${problem}` })),
  );
}

/** Plans migrations one after the other, on the items of one look at the table. */
async function planQueue(
  environment: MigrationEnvironment,
  open: OpenTable,
  queue: readonly LoadedMigration[],
  planOne: PlanOne,
  { past, sample, thorough = false }: { past: History["steps"] } & Pick<PlanOptions, "sample" | "thorough">,
): Promise<Pick<MigrationPlan, "planned" | "sample" | "totals" | "changes" | "mistakes">> {
  const { description, ledger, keyNames } = open;
  const { scan, signal } = environment;
  return whileLooking(environment, open, "plan", async ({ client, progress }) => {
    const context = { ...stepEnvironment(environment, open), client, progress, ledger, signal };
    const read = await readItems(context, description, {
      progress,
      ...(scan ? { scan } : {}),
      ...(sample ? { sample } : {}),
    });
    const table = new ForeseenTable(read, description, keyNames, scan);
    const tariff = tariffOf(description);
    const terms = {
      ceilings: ceilingsFor(startRate(environment.rate, environment.target), description),
      tariff,
    };
    const planned: PlannedMigration[] = [];
    for (const migration of queue) {
      planned.push(await planOne(migration, { context, table, terms, past, thorough }));
    }
    const steps = planned.flatMap((migration) => migration.steps);
    return {
      planned,
      changes: steps.reduce((sum, step) => sum + step.changes, 0),
      mistakes: planned.flatMap((migration) => mistakesOf(migration, queue)),
      sample: { items: read.items.length, whole: read.whole, readUnits: read.readUnits },
      totals: totalOf(
        steps.flatMap((step) => step.forecast ?? []),
        tariff,
      ),
    };
  });
}

/**
 * Finds out what `migrateUp` would do: runs the real transforms, in memory, on the items of the table, or on a
 * sample where it is large, each step on the items as the steps before it would leave them. Takes no lock and
 * writes nothing: give it a client that only reads.
 * @throws {MigrationFilesError} {@link MigrationHistoryError} {@link StepGoneError} as `migrateUp` does;
 * what would fail on an item stands in the plan.
 */
export async function planMigrations(
  environment: MigrationEnvironment,
  options: PlanOptions = {},
): Promise<MigrationPlan> {
  const { open, basis } = await lookAt(environment);
  const { model, table } = environment;
  const pending = choosePending(basis, options);
  if (options.includeApplied) assertSound(basis);
  const queue = options.includeApplied ? basis.folder.migrations : pending;
  const past = options.includeApplied ? [] : basis.history.steps;
  const found =
    queue.length > 0
      ? await planQueue(environment, open, queue, planMigration, { ...options, past })
      : NOTHING;
  return { model, table, direction: "up", ...found, pending: pendingOf(basis.migrations).length };
}

/**
 * Finds out what `migrateDown` would do, in the same way as {@link planMigrations}.
 * @throws what `migrateDown` does before it changes anything.
 */
export async function planDown(
  environment: MigrationEnvironment,
  { sample, ...options }: DownPlanOptions = {},
): Promise<MigrationPlan> {
  const { open, basis } = await lookAt(environment);
  const { model, table, indexOwner } = environment;
  const queue = chooseStarted(basis, options, indexOwner);
  const past = basis.history.steps;
  const read = sample ? { past, sample } : { past };
  const found = queue.length > 0 ? await planQueue(environment, open, queue, planRevert, read) : NOTHING;
  return { model, table, direction: "down", ...found, pending: pendingOf(basis.migrations).length };
}

/** How a plan of `down` is made. */
export interface DownPlanOptions extends DownOptions, Pick<PlanOptions, "sample"> {}

/** What `down` would revert. */
export interface DownChoice extends Pick<MigrationPlan, "model" | "table" | "direction"> {
  /** The last applied first. */
  readonly planned: readonly Pick<LoadedMigration, "id" | "description">[];
}

/** Which migrations `migrateDown` would revert, last applied first; throws what would stop it. Writes nothing. */
export async function chooseDown(
  environment: MigrationEnvironment,
  options: DownOptions = {},
): Promise<DownChoice> {
  const { basis } = await lookAt(environment);
  const { model, table, indexOwner } = environment;
  const planned = chooseStarted(basis, options, indexOwner);
  return {
    model,
    table,
    direction: "down",
    planned: planned.map(({ id, description }) => ({ id, description })),
  };
}
