import { fullJitter, sleep } from "../dynamo/backoff.ts";
import { classifyFailure } from "../dynamo/classify.ts";
import { describeTable, type Sender } from "../dynamo/describe.ts";
import { NotShownError } from "../dynamo/errors.ts";
import { type Look, type WaitOptions, waitUntil } from "../dynamo/wait-until.ts";
import { findUnready, waitUntilIndexAnswers } from "../dynamo/waits.ts";
import type { Log } from "../log.ts";
import { applyStep } from "./apply-step.ts";
import { NotConvergedError } from "./errors.ts";
import { type LiveTable, toLiveTable } from "./live-table.ts";
import { type Drift, planReconcile, type ReconcilePlan } from "./plan-reconcile.ts";
import { refuseStuckIndex } from "./refuse-stuck-index.ts";
import { describeStep, type Step } from "./steps.ts";
import type { DeclaredTable } from "./table-state.ts";

/** How to carry a plan out. */
export interface ApplyOptions {
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
  /** Delete indexes that are not declared, and make those anew that differ. Default false. */
  readonly prune?: boolean | undefined;
}

/** What became of a table. */
export interface Reconciled {
  /** The steps that this run took; another run at the same time may have taken others. */
  readonly done: readonly Step[];
  readonly drift: readonly Drift[];
  /** What is declared and cannot be had of this engine, in words. */
  readonly notApplied: readonly string[];
  readonly live: LiveTable;
}

/** Steps and failures of one run, before it gives up; a table has 20 indexes at most (ServiceQuotas). */
const MAX_TURNS = 60;

/** A local engine answers at once; through a proxy or a busy machine it may take a while. */
const WAIT: WaitOptions = { pollMs: 50, graceMs: 10_000, patienceMs: 10_000 };

/** The table is being changed: a matter of waiting. */
const BUSY = new Set(["ResourceInUseException", "TableAlreadyExistsException"]);

/** What can be due to someone who did the same at the same time, such as an index that exists, or is gone, by now. */
const POINTLESS = new Set(["ValidationException", "ResourceNotFoundException"]);

/** Says whether a failed step is worth another look at the table, to plan anew. */
class FailureJudge {
  #lastPointless: string | undefined;

  isWorthAnotherLook(error: unknown, step: Step): boolean {
    if (!(error instanceof Error)) return false;
    // The answer may have been lost after the step was taken; the look will tell.
    if (BUSY.has(error.name) || ["throttled", "unavailable"].includes(classifyFailure(error))) return true;
    if (!POINTLESS.has(error.name)) return false;
    // Planned again and refused again, the step is wrong.
    const text = describeStep(step);
    const again = this.#lastPointless === text;
    this.#lastPointless = text;
    return !again;
  }
}

/** A table at rest, and what is left to do about it. */
interface Standing {
  readonly live: LiveTable | undefined;
  readonly plan: ReconcilePlan;
}

/**
 * Looks at the table until it is at rest and shows the step that was just taken: until that step is not
 * planned any more.
 */
async function readStanding(
  client: Sender,
  declared: DeclaredTable,
  { prune = false, signal }: ApplyOptions,
  taken?: Step,
): Promise<Standing> {
  const look = async (): Promise<Look<Standing>> => {
    const description = await describeTable(client, declared.name, signal);
    const unready = description && findUnready(description);
    if (unready) {
      await refuseStuckIndex(client, declared.name, signal);
      return { state: "changing", ...unready };
    }
    const live = description && (await toLiveTable(client, description));
    const plan = planReconcile(declared, live?.state, { prune, capabilities: live?.capabilities });
    const isTaken = (step: Step) => taken !== undefined && describeStep(step) === describeStep(taken);
    if (!plan.steps.some(isTaken)) return { state: "ready", value: { live, plan } };
    return { state: "unseen", what: `table ${declared.name}`, status: "as it was before the last step" };
  };
  return waitUntil(look, { ...WAIT, signal });
}

/** Takes one step and waits until it shows; for a new index, until that answers a Query. */
async function takeStep(
  client: Sender,
  declared: DeclaredTable,
  step: Step,
  options: ApplyOptions,
): Promise<Standing> {
  const { name } = declared;
  await applyStep(client, name, step);
  try {
    const standing = await readStanding(client, declared, options, step);
    if (step.kind === "createIndex") {
      const { partitionKey } = step.index.design;
      const wait = { ...WAIT, signal: options.signal };
      await waitUntilIndexAnswers(client, name, { name: step.name, partitionKey }, wait);
    }
    return standing;
  } catch (error) {
    throw error instanceof NotShownError ? new NotConvergedError(name, [describeStep(step)], error) : error;
  }
}

/**
 * Makes a live table as declared: looks, plans, takes the first step, and when that shows plans again, until
 * nothing is left. Several runs at once make one table.
 * @throws {UnmendableDriftError} {@link NotConvergedError} {@link StuckIndexError}
 */
export async function applyReconcile(
  client: Sender,
  declared: DeclaredTable,
  options: ApplyOptions,
): Promise<Reconciled> {
  const { log, signal } = options;
  const done: Step[] = [];
  const judge = new FailureJudge();
  let failures = 0;
  let failure: unknown;
  let standing = await readStanding(client, declared, options);
  for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
    const { live, plan } = standing;
    const [step] = plan.steps;
    if (live && !step) return { done, drift: plan.drift, notApplied: plan.notApplied, live };
    if (!step) break;
    signal?.throwIfAborted();
    try {
      standing = await takeStep(client, declared, step, options);
      done.push(step);
      log.debug(`${declared.name}: ${describeStep(step)}`);
    } catch (error) {
      if (!judge.isWorthAnotherLook(error, step)) throw error;
      failure = error;
      failures += 1;
      await sleep(fullJitter(failures), signal);
      standing = await readStanding(client, declared, options);
    }
  }
  throw new NotConvergedError(declared.name, standing.plan.steps.map(describeStep), failure);
}
