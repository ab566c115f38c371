import { setTimeout as delay } from "node:timers/promises";
import { canonicalItem } from "../../../dynamo/canonical-item.ts";
import { type StoredItem, scanPage } from "../../../dynamo/scan.ts";
import { attributesOf, type BackfillStep, isComputed } from "../../definition/backfill.ts";
import { keyOf, type PlanContext, showKey } from "../step-context.ts";
import { lookedAt, needyItems } from "./expressions.ts";
import { givenValues, neededValues } from "./values.ts";

/** Pages that are read in search of an item that matches. */
const MAX_PAGES = 4;
const MAX_ITEMS = 100;
/** Long enough that a value taken from a clock shows it, in milliseconds. */
const BETWEEN_TRIES_MS = 2;

function judgeKeys(step: BackfillStep, { keyNames }: PlanContext): string[] {
  const keys = attributesOf(step.set).filter((name) => keyNames.includes(name));
  return keys.length > 0
    ? [`step ${step.id}: gives ${keys.join(", ")}, of the table's key, which no update can change`]
    : [];
}

/** The first items of the table that match, as far as its first pages have any. */
async function sampleItems(step: BackfillStep, context: PlanContext): Promise<StoredItem[]> {
  const { client, table, signal } = context;
  let startKey: StoredItem | undefined;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const request = { table, segment: 0, segments: 1, filter: needyItems(step), signal, startKey };
    const answer = await scanPage(client, { ...request, attributes: lookedAt(step, context) });
    if (answer.Items && answer.Items.length > 0) return answer.Items.slice(0, MAX_ITEMS);
    startKey = answer.LastEvaluatedKey;
    if (!startKey) break;
  }
  return [];
}

/** What a function makes of an item: its values, or how it fails. */
function tryValues(step: BackfillStep, item: StoredItem): { text?: string; problem?: string } {
  try {
    neededValues(step, item);
    return { text: canonicalItem(givenValues(step, item)) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Looks for what would make a backfill fail, before anything is written: tries its function twice on items
 * of the first pages. It must give the same values each time, and not throw, unless the step sets such
 * items aside.
 * @param trial whether the function is tried: it cannot be where it looks at what an earlier step gives
 */
export async function preflightBackfill(
  step: BackfillStep,
  context: PlanContext,
  trial: boolean,
): Promise<string[]> {
  const problems = judgeKeys(step, context);
  if (!trial || !isComputed(step.set) || problems.length > 0) return problems;
  const items = await sampleItems(step, context);
  const first = items.map((item) => tryValues(step, item));
  if (items.length > 0) await delay(BETWEEN_TRIES_MS);
  for (const [index, item] of items.entries()) {
    const before = first[index];
    const after = tryValues(step, item);
    const shown = showKey(keyOf(item, context));
    if (before?.problem !== undefined && step.maxFailures === 0) {
      return [`step ${step.id}: ${shown}: ${before.problem}`];
    }
    if (before?.problem === undefined && before?.text !== after.text) {
      return [
        `step ${step.id}: ${shown}: gives other values when it is asked again: ${before?.text}, then ${after.text ?? after.problem}`,
      ];
    }
  }
  return [];
}
