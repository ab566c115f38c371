import pLimit from "p-limit";
import { matchesPattern } from "../../dynamo/item-pattern.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { attributesOf, type BackfillStep } from "../definition/backfill.ts";
import { forEachBounded } from "../for-each-bounded.ts";
import type { Batch } from "../scan/batch.ts";
import { removeDeadLetters, retryDeadLetters } from "../scan/dead-letters.ts";
import { runScan } from "../scan/run-scan.ts";
import type { ScanWork } from "../scan/scan-work.ts";
import { orSetAside } from "../scan/set-aside.ts";
import { filledItems, lookedAt, needyItems, removeRequest, setRequest } from "./backfill/expressions.ts";
import { journalled, restoreFromJournal } from "./backfill/journal.ts";
import { countNeedyItems, planBackfill, planRemoval } from "./backfill/plan-backfill.ts";
import { preflightBackfill } from "./backfill/preflight.ts";
import { neededValues, untouchedAttributes } from "./backfill/values.ts";
import { namedKeys } from "./reported-keys.ts";
import { type Evaluate, settleItem } from "./settle-item.ts";
import { keyOf, type StepContext, type StepResult } from "./step-context.ts";
import type { StepKind } from "./step-kind.ts";

const MAX_PASSES = 10;
/** Writes under way at once in this process: what DynamoDB Local does best. */
const WRITES_AT_ONCE = 16;

/** Deals with each item by itself, a few at a time over all segments. */
function eachItem(work: (item: StoredItem, batch: Batch) => Promise<void>): ScanWork["handle"] {
  const limit = pLimit(WRITES_AT_ONCE);
  return (items, batch) => forEachBounded(items, WRITES_AT_ONCE, (item) => limit(() => work(item, batch)));
}

function needOf(step: BackfillStep, context: StepContext): Evaluate {
  return (item) => {
    if (!matchesPattern(item, step.where)) return undefined;
    const needed = neededValues(step, item);
    if (!needed) return undefined;
    const update = setRequest(step, item, needed, context);
    return step.undo === "journal" ? journalled({ update, item, given: needed }, context) : { update };
  };
}

/** The work of a backfill on its way up. */
function fillWork(step: BackfillStep, context: StepContext): ScanWork {
  const { maxFailures } = step;
  const evaluate = needOf(step, context);
  return {
    filter: needyItems(step),
    attributes: lookedAt(step, context),
    maxPasses: MAX_PASSES,
    maxFailures,
    handle: eachItem((item, batch) =>
      orSetAside(keyOf(item, context), maxFailures, context, batch, async () => {
        await settleItem(item, evaluate, context, batch);
      }),
    ),
  };
}

/** The work of a backfill on its way down, where what it gave is removed. */
function removeWork(step: BackfillStep, context: StepContext): ScanWork {
  const evaluate: Evaluate = (item) => {
    const attributes = untouchedAttributes(step, item);
    return attributes.length > 0 ? { update: removeRequest(item, attributes, context) } : undefined;
  };
  return {
    filter: filledItems(step),
    attributes: lookedAt(step, context),
    maxPasses: MAX_PASSES,
    handle: eachItem(async (item, batch) => {
      if (await settleItem(item, evaluate, context, batch)) return;
      batch.find();
      batch.leave(keyOf(item, context));
    }),
  };
}

function scanWork(step: BackfillStep, direction: "up" | "down", context: StepContext): ScanWork | undefined {
  if (direction === "up") return fillWork(step, context);
  return step.undo === "journal" ? undefined : removeWork(step, context);
}

/**
 * Sets the attributes on every item of the pattern that needs them, by conditional updates, and returns
 * when a whole pass of consistent reads finds none that does.
 * @throws {NotConvergedError} when writers keep making such items.
 */
async function runBackfill(step: BackfillStep, context: StepContext): Promise<StepResult> {
  const work = fillWork(step, context);
  const { counts, passes, setAside } = await runScan(work, "up", context);
  const failed = setAside > 0 ? (await retryDeadLetters(work, context)).left.length : 0;
  return {
    outcome: "filled",
    counts: { items: 0, conflicts: 0, ...counts, passes, ...(failed && { failed }) },
  };
}

/**
 * Removes the attributes from every item of the pattern on which they are as the step gave them, or gives
 * back what the journal kept. Others, such as a counter that live traffic has raised since it was
 * uncounted, are left and reported.
 * @throws {NotConvergedError} when writers keep making items that have them.
 */
async function undoBackfill(step: BackfillStep, context: StepContext): Promise<StepResult> {
  const undo =
    step.undo === "journal"
      ? await restoreFromJournal(context)
      : await runScan(removeWork(step, context), "down", context);
  const { counts, passes, left, named } = undo;
  await removeDeadLetters(context);
  if (left > 0) {
    const what = attributesOf(step.set).join(", ");
    const keys = namedKeys(left, named, context.show);
    context.log.warn(
      `${step.id}: ${left} items keep what differs from this step's values of ${what}: ${keys}`,
    );
  }
  const outcome = step.undo === "journal" ? "restored" : "removed";
  return { outcome, counts: { items: 0, conflicts: 0, ...counts, passes, left } };
}

/** Sets attributes where they are missing, or are others. */
export const backfillKind: StepKind<BackfillStep> = {
  run: runBackfill,
  plan: planBackfill,
  countOpen: countNeedyItems,
  preflight: preflightBackfill,
  scanWork,
  undo: undoBackfill,
  planUndo: async (step, context, table) => planRemoval(step, context, table),
  refuseToUndo: (step) =>
    step.undo === "refuse"
      ? `it set ${attributesOf(step.set).join(", ")}, and its file does not say that they may be removed`
      : undefined,
};
