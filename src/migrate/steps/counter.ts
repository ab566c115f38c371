import type { StoredItem } from "../../dynamo/scan.ts";
import type { CounterStep } from "../definition/counter.ts";
import { removeDeadLetters, retryDeadLetters } from "../scan/dead-letters.ts";
import { runScan } from "../scan/run-scan.ts";
import type { ScanOutcome, ScanWork } from "../scan/scan-work.ts";
import { ItemFailure, orSetAside } from "../scan/set-aside.ts";
import { groupByHub, isWanted, memberFilter, resolveMember, scanMembers } from "./counter-members.ts";
import { findCounterRisks } from "./counter-risks.ts";
import type { Direction, Member } from "./counter-transaction.ts";
import { findAbsentItems } from "./find-absent-items.ts";
import { GatheringQueue } from "./gathering-queue.ts";
import { judgeKeyAttributes } from "./judge-key-attributes.ts";
import { type BatchMember, settleGroup } from "./settle-group.ts";
import { keyOf, type PlanContext, type StepContext, type StepPlan, type StepResult } from "./step-context.ts";
import type { StepKind } from "./step-kind.ts";

const MAX_PASSES = 20;
/** Hubs worked on at once. */
const GROUPS_AT_ONCE = 16;

/** Waits until all have ended, also where one fails: nothing is under way any more then. */
async function allEnded(work: readonly Promise<void>[]): Promise<void> {
  for (const ended of await Promise.allSettled(work)) if (ended.status === "rejected") throw ended.reason;
}

/**
 * The work of a counter, either way. A hub's members that wait are counted together, from whichever of the
 * segments under way they come; each batch ends when its own are dealt with.
 */
function countWork(step: CounterStep, direction: Direction, context: StepContext): ScanWork {
  const hubs = new GatheringQueue<BatchMember>(GROUPS_AT_ONCE, (members) =>
    settleGroup(step, members, direction, context),
  );
  const maxFailures = direction === "count" ? step.maxFailures : 0;
  return {
    filter: memberFilter(step, direction),
    maxPasses: MAX_PASSES,
    maxFailures,
    handle: async (items, batch) => {
      const members: BatchMember[] = [];
      for (const item of items.filter((candidate) => isWanted(step, candidate, direction))) {
        batch.find();
        await orSetAside(keyOf(item, context), maxFailures, context, batch, () => {
          members.push({ ...memberOf(step, item, context), batch });
        });
      }
      await allEnded([...groupByHub(members)].map(([hub, group]) => hubs.add(hub, group)));
    },
  };
}

function memberOf(step: CounterStep, item: StoredItem, context: StepContext): Member {
  try {
    return resolveMember(step, item, context);
  } catch (error) {
    throw new ItemFailure(error);
  }
}

function warnOfOrphans(step: CounterStep, { left, named }: ScanOutcome, context: StepContext): void {
  if (left === 0) return;
  const more = left > named.length ? ` and ${left - named.length} more` : "";
  context.log.warn(
    `${step.id}: ${left} items are not counted, as an item that would carry their count does not exist: ${named.join(", ")}${more}`,
  );
}

/** Passes until a whole one, of consistent reads, finds nothing but orphans. */
async function untilOnlyOrphansLeft(
  step: CounterStep,
  direction: Direction,
  context: StepContext,
): Promise<Record<string, number>> {
  const work = countWork(step, direction, context);
  const outcome = await runScan(work, direction === "count" ? "up" : "down", context);
  warnOfOrphans(step, outcome, context);
  const failed = outcome.setAside > 0 ? (await retryDeadLetters(work, context)).left.length : 0;
  const { counts, passes, left: orphans } = outcome;
  const none = { members: 0, refused: 0, conflicts: 0, transactions: 0 };
  return { ...none, ...counts, passes, orphans, ...(failed && { failed }) };
}

/**
 * Counts every member that is not marked yet, exactly once, beside live traffic that keeps the same rule
 * (see {@link CounterStep}). A member whose counter's item does not exist is an orphan: reported, and left
 * unmarked. The table's marks and counters are right after every single transaction, so a run may die
 * anywhere, and two may run at once.
 * @throws {NotConvergedError} when writers keep making unmarked members.
 */
async function runCounter(step: CounterStep, context: StepContext): Promise<StepResult> {
  for (const { message } of await findCounterRisks(step, context)) context.log.warn(message);
  return { outcome: "counted", counts: await untilOnlyOrphansLeft(step, "count", context) };
}

/** Takes every mark away and subtracts what it stood for, in the same way, so that a run may die anywhere. */
async function undoCounter(step: CounterStep, context: StepContext): Promise<StepResult> {
  const counts = await untilOnlyOrphansLeft(step, "uncount", context);
  await removeDeadLetters(context);
  return { outcome: "uncounted", counts };
}

/** Counts the members that a run would count, and the orphans it would report. */
async function planCounter(step: CounterStep, context: PlanContext): Promise<StepPlan> {
  let unmarked = 0;
  let orphans = 0;
  await scanMembers(step, "count", context, async (members) => {
    const absent = await findAbsentItems(
      members.flatMap((member) => member.places),
      context,
    );
    unmarked += members.length;
    orphans += members.filter((member) => member.places.some((place) => absent.has(place.keyText))).length;
  });
  const items = unmarked - orphans;
  const left = orphans > 0 ? `, leave ${orphans} that have nothing to be counted on` : "";
  const warnings = await findCounterRisks(step, context);
  return {
    action: `count ${items} items${left}`,
    changes: items,
    counts: { members: items, orphans },
    ...(warnings.length > 0 ? { warnings } : {}),
  };
}

/** Counts members into counters, each once. */
export const counterKind: StepKind<CounterStep> = {
  run: runCounter,
  plan: planCounter,
  preflight: async (step, context) => judgeKeyAttributes([step.mark, ...step.attributes], context),
  scanWork: (step, direction, context) => countWork(step, direction === "up" ? "count" : "uncount", context),
  undo: undoCounter,
  refuseToUndo: () => undefined,
};
