import type { Sender } from "../dynamo/describe.ts";
import type { Log } from "../log.ts";
import type { Project } from "../project/find-project.ts";
import { modelsByTable } from "../project/models.ts";
import type { StackSettings } from "../project/stack-settings.ts";
import { applyReconcile } from "./apply-reconcile.ts";
import { isManagedTable, keysByModel, readDeclaredTables } from "./declared-tables.ts";
import { type Evaluation, evaluateProgram } from "./evaluate-program.ts";
import { checkKeyAttributes, type UnknownKey } from "./key-attributes.ts";
import { type LiveTable, readLiveTable } from "./live-table.ts";
import { type Drift, planReconcile, type ReconcilePlan } from "./plan-reconcile.ts";
import { refuseStuckIndex } from "./refuse-stuck-index.ts";
import { describeStep, type Step, type StepKind } from "./steps.ts";
import type { DeclaredTable } from "./table-state.ts";

/** What to deploy, and how. */
export interface DeployOptions {
  readonly project: Project;
  /** The stack; its `config` is what the Pulumi program gets. */
  readonly settings: StackSettings;
  /** A client of a local engine; one that only reads, for a dry run. */
  readonly client: Sender;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
  /** Delete indexes that are not declared, and make those anew that differ. Default false. */
  readonly prune?: boolean | undefined;
  /** Only say what would be done. Default false. */
  readonly dryRun?: boolean | undefined;
  /** What {@link evaluateProgram} returned, when that was done already. */
  readonly evaluation?: Evaluation | undefined;
}

/** A step that was taken, or that a dry run would take. */
export interface StepReport {
  readonly kind: StepKind;
  readonly text: string;
}

/** What became of one table. */
export interface DeployedTable {
  readonly name: string;
  /** The model whose table it is; undefined for the ledger and tables of no model. */
  readonly model?: string;
  /** Empty where the table was as declared. */
  readonly steps: readonly StepReport[];
  /** What is declared and only AWS has, or this engine does not do. */
  readonly notAppliedLocally: readonly string[];
  /** Indexes that are not as declared and were left alone. */
  readonly drift: readonly Drift[];
  /** As the engine says them; undefined where a dry run found no table. */
  readonly arn?: string | undefined;
  readonly streamArn?: string | undefined;
}

/** A declared resource that is no table, and so is not made locally. */
export interface OtherResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

/** What a deploy came to. */
export interface DeployResult {
  readonly dryRun: boolean;
  readonly tables: readonly DeployedTable[];
  /** Declared resources that only AWS has; components are left out. */
  readonly otherResources: readonly OtherResource[];
  /** Keys of indexes that no item of the seed files has: these indexes stay empty. */
  readonly unknownKeys: readonly UnknownKey[];
}

const report = (step: Step): StepReport => ({ kind: step.kind, text: describeStep(step) });

/** A table and what was planned for it, before anything is done. */
interface PlannedTable {
  readonly declared: DeclaredTable;
  readonly live: LiveTable | undefined;
  readonly plan: ReconcilePlan;
}

/** Plans every table first: one that cannot be mended stops the deploy before any table is touched. */
async function planAll(declared: readonly DeclaredTable[], options: DeployOptions): Promise<PlannedTable[]> {
  const planned: PlannedTable[] = [];
  for (const table of declared) {
    await refuseStuckIndex(options.client, table.name, options.signal);
    const live = await readLiveTable(options.client, table.name);
    const { prune = false } = options;
    const plan = planReconcile(table, live?.state, { prune, capabilities: live?.capabilities });
    planned.push({ declared: table, live, plan });
  }
  return planned;
}

function toReport(
  { name, notAppliedLocally }: DeclaredTable,
  steps: readonly Step[],
  { drift, notApplied }: Pick<ReconcilePlan, "drift" | "notApplied">,
  live: LiveTable | undefined,
): DeployedTable {
  return {
    name,
    steps: steps.map(report),
    notAppliedLocally: [...notAppliedLocally, ...notApplied],
    drift,
    arn: live?.arn,
    streamArn: live?.streamArn,
  };
}

async function carryOut(
  { declared, live, plan }: PlannedTable,
  options: DeployOptions,
): Promise<DeployedTable> {
  if (options.dryRun) return toReport(declared, plan.steps, plan, live);
  const reconciled = await applyReconcile(options.client, declared, options);
  return toReport(declared, reconciled.done, reconciled, reconciled.live);
}

/**
 * Makes a local engine match what the project's Pulumi program declares for a stack. The program is
 * evaluated to its end, and every table is planned, before anything is changed. A second run changes nothing.
 * @throws the errors of {@link evaluateProgram}, {@link readDeclaredTables}, {@link checkKeyAttributes},
 *   {@link refuseStuckIndex} and {@link planReconcile}
 */
export async function deploy(options: DeployOptions): Promise<DeployResult> {
  const { project, settings } = options;
  const { resources } = options.evaluation ?? (await evaluateProgram(options));
  const declared = readDeclaredTables(resources);
  const models = modelsByTable(project, settings);
  const unknownKeys = await checkKeyAttributes(project, keysByModel(declared, models));
  const planned = await planAll(declared, options);
  const tables: DeployedTable[] = [];
  for (const table of planned) {
    const deployed = await carryOut(table, options);
    const model = models.get(deployed.name);
    tables.push(model === undefined ? deployed : { ...deployed, model });
  }
  const otherResources = resources
    .filter((resource) => resource.custom && !isManagedTable(resource))
    .map(({ urn, type, name }) => ({ urn, type, name }));
  return { dryRun: options.dryRun ?? false, tables, otherResources, unknownKeys };
}
