import { setTimeout as delay } from "node:timers/promises";
import { canonicalItem } from "../../../dynamo/canonical-item.ts";
import { type StoredItem, scanPage } from "../../../dynamo/scan.ts";
import { attributesOf, type BackfillStep, isComputed } from "../../definition/backfill.ts";
import { judgeKeyAttributes } from "../judge-key-attributes.ts";
import { keyOf, type PlanContext, showKey } from "../step-context.ts";
import { lookedAt, needyItems } from "./expressions.ts";
import { givenValues, neededValues } from "./values.ts";

/** Pages that are read in search of an item that matches. */
const MAX_PAGES = 4;
const MAX_ITEMS = 100;
/** Long enough that a value taken from a clock shows it, in milliseconds. */
const BETWEEN_TRIES_MS = 2;

/** The first items of the table that match, as far as its first pages have any. */
async function sampleItems(step: BackfillStep, context: PlanContext): Promise<StoredItem[]> {
  const { client, table, signal } = context;
  let startKey: StoredItem | undefined;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const answer = await scanPage(client, {
      table,
      segment: 0,
      segments: 1,
      startKey,
      consistent: false,
      filter: needyItems(step),
      attributes: lookedAt(step, context),
      signal,
    });
    if (answer.Items && answer.Items.length > 0) return answer.Items.slice(0, MAX_ITEMS);
    startKey = answer.LastEvaluatedKey;
    if (!startKey) break;
  }
  return [];
}

/** What a function makes of an item: its values, or how it fails. */
interface Try {
  readonly text?: string;
  readonly problem?: string;
}

function tryValues(step: BackfillStep, item: StoredItem): Try {
  try {
    neededValues(step, item);
    return { text: canonicalItem(givenValues(step, item)) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What is wrong with what a function made of an item in two tries; undefined where nothing is. */
function judgeTries(step: BackfillStep, before: Try, after: Try): string | undefined {
  if (before.problem !== undefined) return step.maxFailures === 0 ? before.problem : undefined;
  if (before.text === after.text) return undefined;
  return `gives other values when it is asked again: ${before.text}, then ${after.text ?? after.problem}`;
}

/**
 * Looks for what would make a backfill fail, before anything is written: tries its function twice on items
 * of the first pages. It must give the same values each time, and not throw, unless the step sets such
 * items aside.
 */
export async function preflightBackfill(
  step: BackfillStep,
  context: PlanContext,
  given: ReadonlySet<string>,
): Promise<string[]> {
  const problems = judgeKeyAttributes(attributesOf(step.set), context);
  const isBlind = lookedAt(step, context).some((name) => given.has(name));
  if (problems.length > 0 || isBlind || !isComputed(step.set)) return problems;
  const items = await sampleItems(step, context);
  const first = items.map((item) => tryValues(step, item));
  if (items.length > 0) await delay(BETWEEN_TRIES_MS);
  for (const [index, item] of items.entries()) {
    const problem = judgeTries(step, first[index] as Try, tryValues(step, item));
    if (problem !== undefined) return [`${showKey(keyOf(item, context))}: ${problem}`];
  }
  return [];
}
