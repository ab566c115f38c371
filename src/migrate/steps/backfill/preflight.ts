import { setTimeout as delay } from "node:timers/promises";
import { canonicalItem } from "../../../dynamo/canonical-item.ts";
import type { ItemView } from "../../../dynamo/item-view.ts";
import { type StoredItem, scanPage } from "../../../dynamo/scan.ts";
import { attributesOf, type BackfillStep, isComputed } from "../../definition/backfill.ts";
import { judgeKeyAttributes } from "../judge-key-attributes.ts";
import { keyOf, type PlanContext } from "../step-context.ts";
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
function judgeTries(step: BackfillStep, before: Try, after: Try, show: ItemView): string | undefined {
  if (before.problem !== undefined) return step.maxFailures === 0 ? show.words(before.problem) : undefined;
  if (before.text === after.text) return undefined;
  const values = show.words(`${before.text}, then ${after.text ?? after.problem}`);
  return `gives other values when it is asked again: ${values}`;
}

/**
 * Tries a step's function twice on items: it must give the same values each time, and not throw, unless the step
 * sets such items aside.
 * @returns the first thing that is wrong, in words; undefined where nothing is
 */
export async function findTransformProblem(
  step: BackfillStep,
  items: readonly StoredItem[],
  context: Pick<PlanContext, "keyNames" | "show">,
): Promise<string | undefined> {
  if (!isComputed(step.set) || items.length === 0) return undefined;
  const { show } = context;
  const first = items.map((item) => tryValues(step, item));
  await delay(BETWEEN_TRIES_MS);
  for (const [index, item] of items.entries()) {
    const problem = judgeTries(step, first[index] as Try, tryValues(step, item), show);
    if (problem !== undefined) return `${show.key(keyOf(item, context))}: ${problem}`;
  }
  return undefined;
}

/**
 * Looks for what would make a backfill fail, before anything is written: tries its function twice on items
 * of the first pages.
 */
export async function preflightBackfill(
  step: BackfillStep,
  context: PlanContext,
  given: ReadonlySet<string>,
): Promise<string[]> {
  const problems = judgeKeyAttributes(attributesOf(step.set), context);
  const isBlind = lookedAt(step, context).some((name) => given.has(name));
  if (problems.length > 0 || isBlind || !isComputed(step.set)) return problems;
  const problem = await findTransformProblem(step, await sampleItems(step, context), context);
  return problem === undefined ? [] : [problem];
}
