import { fullJitter, sleep } from "../dynamo/backoff.ts";
import type { Sender } from "../dynamo/describe.ts";
import type { Log } from "../log.ts";
import { applyStep } from "./apply-step.ts";
import { NotConvergedError } from "./errors.ts";
import { type LiveTable, readLiveTable } from "./live-table.ts";
import { type Drift, planReconcile } from "./plan-reconcile.ts";
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

/** Other deploys at the same time can make a step fail this often before that is taken for a fault. */
const MAX_LOOKS = 20;

/** The table is being changed, or there are too many changes at once: a matter of waiting. */
const BUSY = new Set(["ResourceInUseException", "LimitExceededException", "TableAlreadyExistsException"]);

/** Says whether a failed step may be due to someone who did the same at the same time. */
class FailureJudge {
  #lastInvalid: string | undefined;

  isWorthAnotherLook(error: unknown, step: Step): boolean {
    if (!(error instanceof Error)) return false;
    if (BUSY.has(error.name)) return true;
    if (error.name !== "ValidationException") return false;
    // Refused as pointless, such as an index that exists by now. Planned again and refused again, it is wrong.
    const text = describeStep(step);
    const again = this.#lastInvalid === text;
    this.#lastInvalid = text;
    return !again;
  }
}

/**
 * Makes a live table as declared: looks, plans, takes the steps one at a time, each when the table has
 * settled, and looks again until nothing is left. Several runs at once make one table.
 * @throws {UnmendableDriftError} {@link NotConvergedError}
 */
export async function applyReconcile(
  client: Sender,
  declared: DeclaredTable,
  { log, signal, prune = false }: ApplyOptions,
): Promise<Reconciled> {
  const done: Step[] = [];
  const judge = new FailureJudge();
  let failure: unknown;
  let left: readonly Step[] = [];
  for (let look = 1; look <= MAX_LOOKS; look += 1) {
    const live = await readLiveTable(client, declared.name, { settled: true, signal });
    const options = { prune, capabilities: live?.capabilities };
    const { steps, drift, notApplied } = planReconcile(declared, live?.state, options);
    if (live && steps.length === 0) return { done, drift, notApplied, live };
    left = steps;
    for (const step of steps) {
      signal?.throwIfAborted();
      try {
        await applyStep(client, declared.name, step);
      } catch (error) {
        if (!judge.isWorthAnotherLook(error, step)) throw error;
        failure = error;
        await sleep(fullJitter(look), signal);
        break;
      }
      done.push(step);
      log.debug(`${declared.name}: ${describeStep(step)}`);
      await readLiveTable(client, declared.name, { settled: true, signal });
    }
  }
  throw new NotConvergedError(declared.name, left.map(describeStep), failure);
}
