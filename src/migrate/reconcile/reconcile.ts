import { pacedClient } from "../../dynamo/pace/paced-client.ts";
import { putEvent } from "../../ledger/history.ts";
import type { Lease } from "../../ledger/index.ts";
import { assertSound, type Basis, lookAt, underLease } from "../basis.ts";
import { type MigrationEnvironment, type OpenTable, stepEnvironment } from "../environment.ts";
import { loadMigrations } from "../load-migrations.ts";
import { dropScan } from "../scan/run-scan.ts";
import { counterKind } from "../steps/counter.ts";
import { countOpenMembers } from "../steps/plan-counter.ts";
import type { PlanContext, StepContext } from "../steps/step-context.ts";
import { type Underway, whileLooking, whileUnderway } from "../underway.ts";
import { type Difference, findDifferences } from "./find-differences.ts";
import {
  type RecountContext,
  type Recounted,
  recountItems,
  removeTag,
  type Suspect,
} from "./recount-items.ts";
import type { CountedStep } from "./scan-counters.ts";

/** How counters are reconciled. */
export interface ReconcileOptions {
  /** Nobody writes to the table meanwhile, says whoever runs it: needed for steps without `recount`. Default false. */
  writersRest?: boolean | undefined;
}

/** A counter that was found to differ from the members that it counts. */
export interface CounterFinding {
  readonly migration: string;
  readonly step: string;
  /** `USER#a / #METADATA#a`. */
  readonly item: string;
  /** `followers`, `reactions.heart`. */
  readonly counter: string;
  /** Null where it is no whole number. */
  readonly was: number | null;
  readonly is: number;
  /**
   * `different`: a dry run. `repaired`. `busy`: live writes did not let it be counted. `needsRest`: its step names
   * no `recount`, so it can be counted only while writers rest. `unreadable`: it is no whole number.
   */
  readonly result: "different" | "repaired" | "busy" | "needsRest" | "unreadable";
}

/** What a reconcile found and did. */
export interface ReconcileResult {
  readonly model: string;
  readonly table: string;
  /** The applied counter steps it looked at. */
  readonly steps: readonly { readonly migration: string; readonly step: string }[];
  /** How many counters there are. */
  readonly counters: number;
  readonly found: readonly CounterFinding[];
  /** Members that had no mark, as old data or a full put leave them: counted now, or to be counted in a dry run. */
  readonly unmarked: number;
  readonly repaired: number;
  /** What differs still. */
  readonly unrepaired: number;
}

/** How often a busy item is counted anew. */
const ROUNDS = 5;
/** Items recounted in one scan. */
const ITEMS_A_ROUND = 1_000;

/** See {@link RecountContext.settleMs}. An emulator shows a transaction at once. */
const SETTLE_MS = { local: 0, aws: 5_000 } as const;

/** The counter steps that are applied to their end: the others' counters are not expected to be right. */
function appliedCounters({ folder, history }: Basis): CountedStep[] {
  const isApplied = (migration: string, step: string) =>
    history.steps.some(
      (past) => past.migration === migration && past.step === step && past.state === "applied",
    );
  return folder.migrations.flatMap(({ id, hash, steps }) =>
    steps.flatMap((step) =>
      step.kind === "counter" && isApplied(id, step.id) ? [{ migration: id, hash, step }] : [],
    ),
  );
}

type Paced = Underway & { readonly client: PlanContext["client"] };

function contextOf(
  environment: MigrationEnvironment,
  open: OpenTable,
  { client, progress }: Paced,
): PlanContext {
  const { signal } = environment;
  return { ...stepEnvironment(environment, open), client, progress, signal };
}

const finding = (
  { counted, key, path, was, is }: Difference,
  result: CounterFinding["result"],
  { show }: Pick<PlanContext, "show">,
): CounterFinding => ({
  migration: counted.migration,
  step: counted.step.id,
  item: show.key(key),
  counter: path.join("."),
  was: was ?? null,
  is,
  result,
});

const byPlace = (a: CounterFinding, b: CounterFinding) => {
  const place = ({ migration, item, counter }: CounterFinding) => JSON.stringify([migration, item, counter]);
  return place(a) < place(b) ? -1 : 1;
};

function resultOf(
  environment: MigrationEnvironment,
  steps: readonly CountedStep[],
  facts: Pick<ReconcileResult, "counters" | "found" | "unmarked">,
): ReconcileResult {
  const { model, table } = environment;
  const repaired = facts.found.filter(({ result }) => result === "repaired").length;
  return {
    model,
    table,
    steps: steps.map(({ migration, step }) => ({ migration, step: step.id })),
    ...facts,
    found: [...facts.found].sort(byPlace),
    repaired,
    unrepaired: facts.found.length - repaired,
  };
}

async function countUnmarked(steps: readonly CountedStep[], context: PlanContext): Promise<number> {
  let unmarked = 0;
  for (const { step } of steps) unmarked += await countOpenMembers(step, context);
  return unmarked;
}

/**
 * Finds the counters that differ from the members that they count. Takes no lock and writes nothing; beside live
 * traffic it may name a counter that only moved while it was looked at.
 */
export async function planReconcile(environment: MigrationEnvironment): Promise<ReconcileResult> {
  const { open, basis } = await lookAt(environment);
  assertSound(basis, ["changed", "missing", "stepGone"]);
  const steps = appliedCounters(basis);
  if (steps.length === 0) return resultOf(environment, [], { counters: 0, found: [], unmarked: 0 });
  return whileLooking(environment, open, "reconcile", async (paced) => {
    const context = contextOf(environment, open, paced);
    const { counters, differences } = await findDifferences(steps, context);
    const found = differences.map((difference) => finding(difference, "different", context));
    return resultOf(environment, steps, { counters, found, unmarked: await countUnmarked(steps, context) });
  });
}

/** The items of counters, each once. */
function itemsOf(differences: readonly Difference[]): Suspect[] {
  const items = new Map<string, Suspect>();
  for (const { counted, key, keyText } of differences) {
    items.set(JSON.stringify([counted.migration, counted.step.id, keyText]), { counted, key, keyText });
  }
  return [...items.values()];
}

/** Recounts items until each is settled, or was busy every time. */
async function recount(suspects: readonly Suspect[], context: RecountContext): Promise<Recounted[]> {
  const settled: Recounted[] = [];
  for (let first = 0; first < suspects.length; first += ITEMS_A_ROUND) {
    let open = suspects.slice(first, first + ITEMS_A_ROUND);
    for (let round = 1; open.length > 0; round += 1) {
      const results = await recountItems(open, context);
      const busy = results.filter(({ outcome }) => outcome === "busy");
      settled.push(...results.filter(({ outcome }) => outcome !== "busy" || round === ROUNDS));
      open = round === ROUNDS ? [] : busy.map(({ suspect }) => suspect);
    }
  }
  return settled;
}

const RESULTS = { repaired: "repaired", busy: "busy", unreadable: "unreadable" } as const;

function findingsOf(
  results: readonly Recounted[],
  differences: readonly Difference[],
  context: Pick<PlanContext, "show">,
): CounterFinding[] {
  return results.flatMap(({ suspect, outcome, differences: counted }) => {
    if (outcome === "right" || outcome === "gone") return [];
    const own = differences.filter(
      ({ keyText, counted: { step } }) => keyText === suspect.keyText && step === suspect.counted.step,
    );
    // What is unreadable was never compared: the first look has it.
    const shown = counted.length > 0 ? counted : own;
    return shown.map((difference) => finding(difference, RESULTS[outcome], context));
  });
}

/** A repair that is under way. */
interface Repair {
  readonly environment: MigrationEnvironment;
  readonly open: OpenTable;
  readonly lease: Lease;
  readonly paced: Paced;
}

/** Counts the members that are not marked yet. @returns how many there were */
async function countRest(
  { migration, hash, step }: CountedStep,
  { environment, open, lease, paced }: Repair,
): Promise<number> {
  // Nothing is noted down here: what the step does is exact without.
  const nothing = () => Promise.resolve();
  const context: StepContext = {
    ...contextOf(environment, open, paced),
    signal: lease.lost,
    stopping: lease.signal,
    identity: { migration, step: step.id, hash },
    fence: lease,
    tableBytes: open.description.TableSizeBytes ?? 0,
    scanSettings: environment.scan ?? {},
    notes: {},
    remember: nothing,
    forget: nothing,
  };
  const { counts } = await counterKind.run(step, context);
  await dropScan(context);
  return counts.members ?? 0;
}

async function repairAll(
  repair: Repair,
  steps: readonly CountedStep[],
  writersRest: boolean,
): Promise<ReconcileResult> {
  const { environment, open, lease, paced } = repair;
  const settleMs = SETTLE_MS[environment.target.kind];
  const context = { ...contextOf(environment, open, paced), signal: lease.signal, lease, settleMs };
  const { counters, differences, leftTags } = await findDifferences(steps, context);
  const mayCount = ({ counted }: Difference) => writersRest || counted.step.recount !== undefined;
  const results = await recount(itemsOf(differences.filter(mayCount)), context);
  for (const left of leftTags) await removeTag(left, context);
  let unmarked = 0;
  for (const step of steps) unmarked += await countRest(step, repair);
  const found = [
    ...findingsOf(results, differences, context),
    ...differences
      .filter((difference) => !mayCount(difference))
      .map((left) => finding(left, "needsRest", context)),
  ];
  return resultOf(environment, steps, { counters, found, unmarked });
}

/** One event for each migration whose counters were looked at. */
function eventsOf(lease: Lease, { steps, found, unmarked }: ReconcileResult, seconds: number) {
  return [...new Set(steps.map(({ migration }) => migration))].map((subject, index) => {
    const own = found.filter(({ migration }) => migration === subject);
    const repaired = own.filter(({ result }) => result === "repaired").length;
    const unrepaired = own.length - repaired;
    const outcome = unrepaired > 0 ? "not all repaired" : repaired > 0 ? "repaired" : "right";
    // Members are counted over all steps together.
    const counts = { repaired, unrepaired, ...(index === 0 ? { unmarked } : {}) };
    return putEvent(lease, { kind: "migration", subject, action: "reconcile", outcome, seconds, counts });
  });
}

/**
 * Counts every counter of the applied counter steps anew and repairs those that differ, under the table's lock;
 * then counts members that have no mark. Beside live traffic it is exact as long as every write to a counter takes
 * the step's `recount` attribute away (docs/counters.md has the argument): a counter that is written to while it
 * is counted is counted again, and in the end left and named. The history gets an event for each migration.
 * @throws {MigrationFilesError} {@link MigrationHistoryError} where the files do not go with the history.
 */
export async function migrateReconcile(
  environment: MigrationEnvironment,
  { writersRest = false }: ReconcileOptions = {},
): Promise<ReconcileResult> {
  const folder = await loadMigrations(environment.migrations);
  const looked = await lookAt(environment);
  assertSound(looked.basis, ["changed", "missing", "stepGone"]);
  if (appliedCounters(looked.basis).length === 0) {
    return resultOf(environment, [], { counters: 0, found: [], unmarked: 0 });
  }
  const aborted = new AbortController();
  const signals = [environment.signal ?? [], aborted.signal].flat();
  const stoppable = { ...environment, signal: AbortSignal.any(signals) };
  const abort = (reason: Error) => aborted.abort(reason);
  return underLease(stoppable, "migrate reconcile", folder, async (lease, open, basis) => {
    assertSound(basis, ["changed", "missing", "stepGone"]);
    const startedAt = lease.clock.now();
    const result = await whileUnderway(stoppable, open, lease, abort, (underway) => {
      const { pacer, progress } = underway;
      const items = open.description.ItemCount;
      progress.begin({ migration: "reconcile", step: "", direction: "up", pacer, items });
      const paced = { ...underway, client: pacedClient(stoppable.client, pacer) };
      const repair = { environment: stoppable, open, lease, paced };
      return repairAll(repair, appliedCounters(basis), writersRest);
    });
    const seconds = Math.round(lease.clock.now() - startedAt) / 1000;
    const events = eventsOf(lease, result, seconds);
    if (events.length > 0) await lease.write(events);
    return result;
  });
}
