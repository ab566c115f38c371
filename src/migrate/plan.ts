import { ceilingsFor } from "../dynamo/pace/rate-limit.ts";
import { tariffOf } from "../dynamo/prices.ts";
import type { History } from "../ledger/index.ts";
import { assertSound, lookAt } from "./basis.ts";
import { chooseStarted, type DownOptions } from "./down.ts";
import { type MigrationEnvironment, type OpenTable, stepEnvironment } from "./environment.ts";
import type { FileMistake } from "./errors.ts";
import { pendingOf } from "./judge-migrations.ts";
import type { LoadedMigration } from "./load-migrations.ts";
import { type ForecastTerms, type ForecastTotals, forecast, totalOf } from "./plan/forecast.ts";
import { ForeseenTable, readItems, type SampleBounds } from "./plan/foreseen-table.ts";
import { kindOf } from "./steps/index.ts";
import type { LookContext, StepPlan } from "./steps/step-context.ts";
import { startRate, whileLooking } from "./underway.ts";
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

async function planMigration(
  { id, description, steps }: LoadedMigration,
  { context, table, terms, past, thorough }: Planning,
): Promise<PlannedMigration> {
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
    const { work, ...plan } = await find(step, { ...context, migration: id }, table);
    const isUnsure = thorough && plan.changes === 0 && !table.isExact;
    const changes = isUnsure && countOpen ? await countOpen(step, context) : plan.changes;
    planned.push({
      id: step.id,
      kind,
      ...plan,
      changes,
      ...(work ? { forecast: forecast(work, table, terms) } : {}),
    });
  }
  return { id, description, steps: planned };
}

/** Plans migrations one after the other, on the items of one look at the table. */
async function planQueue(
  environment: MigrationEnvironment,
  open: OpenTable,
  queue: readonly LoadedMigration[],
  { past, sample, thorough = false }: { past: History["steps"] } & Pick<PlanOptions, "sample" | "thorough">,
): Promise<Pick<MigrationPlan, "planned" | "sample" | "totals">> {
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
    const terms = { ceilings: ceilingsFor(startRate(environment), description), tariff };
    const planned: PlannedMigration[] = [];
    for (const migration of queue) {
      planned.push(await planMigration(migration, { context, table, terms, past, thorough }));
    }
    const steps = planned.flatMap((migration) => migration.steps);
    return {
      planned,
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
    queue.length > 0 ? await planQueue(environment, open, queue, { ...options, past }) : { planned: [] };
  const changes = found.planned.flatMap(({ steps }) => steps).reduce((sum, step) => sum + step.changes, 0);
  const mistakes = found.planned.flatMap(({ id, steps }) => {
    const file = queue.find((migration) => migration.id === id)?.file ?? id;
    return steps.flatMap((step) =>
      (step.problems ?? []).map((problem) => ({ file, problem: `step ${step.id}: ${problem}` })),
    );
  });
  return {
    model,
    table,
    direction: "up",
    ...found,
    changes,
    pending: pendingOf(basis.migrations).length,
    mistakes,
  };
}

/** What `migrateDown` would revert, last applied first; throws what would stop it. Writes nothing. */
export async function planDown(
  environment: MigrationEnvironment,
  options: DownOptions = {},
): Promise<
  Pick<MigrationPlan, "model" | "table" | "direction"> & {
    planned: Pick<LoadedMigration, "id" | "description">[];
  }
> {
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
