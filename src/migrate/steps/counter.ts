import type { CounterStep } from "../definition/counter.ts";
import { NotConvergedError } from "../errors.ts";
import { forEachBounded } from "../for-each-bounded.ts";
import { groupByHub, SEGMENTS, scanMembers } from "./counter-members.ts";
import { findCounterRisks } from "./counter-risks.ts";
import type { Direction, Member } from "./counter-transaction.ts";
import { findAbsentItems } from "./find-absent-items.ts";
import { ReportedKeys } from "./reported-keys.ts";
import { settleGroup, type Tally } from "./settle-group.ts";
import type { StepContext, StepPlan, StepResult } from "./step-context.ts";
import type { StepKind } from "./step-kind.ts";

const MAX_PASSES = 20;
/** Hubs worked on at once. */
const GROUPS_AT_ONCE = 16;
/** Members held until they are counted: the more, the fuller the groups; some 1 KB each. */
const MEMBERS_HELD = 5_000;

interface PassResult extends Tally {
  found: number;
}

/** One pass over the table: every member still to be dealt with, some thousands at a time, grouped by hub. */
async function pass(step: CounterStep, direction: Direction, context: StepContext): Promise<PassResult> {
  const result: PassResult = {
    found: 0,
    done: 0,
    refused: 0,
    conflicts: 0,
    transactions: 0,
    orphans: new ReportedKeys(),
  };
  const { progress } = context;
  progress.pass(SEGMENTS);
  const shown = { done: 0, conflicts: 0, skipped: 0 };
  const show = () => {
    const { done, conflicts, refused, orphans } = result;
    const skipped = refused + orphans.count;
    progress.add({
      written: done - shown.done,
      conflicts: conflicts - shown.conflicts,
      skipped: skipped - shown.skipped,
    });
    Object.assign(shown, { done, conflicts, skipped });
  };
  const held: Member[] = [];
  const settleHeld = () =>
    forEachBounded(groupByHub(held.splice(0)), GROUPS_AT_ONCE, async (group) => {
      await settleGroup(step, group, direction, context, result);
      show();
    });
  await scanMembers(step, direction, context, async (members) => {
    result.found += members.length;
    held.push(...members);
    if (held.length >= MEMBERS_HELD) await settleHeld();
  });
  await settleHeld();
  return result;
}

function warnOfOrphans(step: CounterStep, orphans: ReportedKeys, context: StepContext): void {
  if (orphans.count === 0) return;
  context.log.warn(
    `${step.id}: ${orphans.count} items are not counted, as an item that would carry their count does not exist: ${orphans}`,
  );
}

/** Passes until a whole one, of consistent reads, finds nothing but orphans. */
async function untilOnlyOrphansLeft(
  step: CounterStep,
  direction: Direction,
  context: StepContext,
): Promise<Record<string, number>> {
  const totals = { members: 0, refused: 0, conflicts: 0, transactions: 0, passes: 0, orphans: 0 };
  for (;;) {
    const { found, done, refused, conflicts, transactions, orphans } = await pass(step, direction, context);
    totals.members += done;
    totals.refused += refused;
    totals.conflicts += conflicts;
    totals.transactions += transactions;
    totals.passes += 1;
    totals.orphans = orphans.count;
    if (found === orphans.count) {
      warnOfOrphans(step, orphans, context);
      return totals;
    }
    if (totals.passes === MAX_PASSES) throw new NotConvergedError(step.id, MAX_PASSES, found - orphans.count);
  }
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
  return { outcome: "uncounted", counts: await untilOnlyOrphansLeft(step, "uncount", context) };
}

/** Counts the members that a run would count, and the orphans it would report. */
async function planCounter(step: CounterStep, context: StepContext): Promise<StepPlan> {
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
  undo: undoCounter,
  refuseToUndo: () => undefined,
};
