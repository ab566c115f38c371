import { matchesPattern } from "../../../dynamo/item-pattern.ts";
import { itemBytes, writeUnitsOfBytes } from "../../../dynamo/item-size.ts";
import { MAX_ITEM_BYTES } from "../../../dynamo/limits.ts";
import { type StoredItem, scanSegments } from "../../../dynamo/scan.ts";
import { putJournal } from "../../../ledger/index.ts";
import { attributesOf, type BackfillStep } from "../../definition/backfill.ts";
import { StepDefinitionError } from "../../errors.ts";
import { about } from "../../plan/about.ts";
import type { ForeseenTable } from "../../plan/foreseen-table.ts";
import { exampleOf, type ItemExample, MAX_EXAMPLES } from "../../plan/item-example.ts";
import { exactly } from "../../plan/range.ts";
import { addCosts, costOfUpdate, NO_COST, type StepWork, type WriteCost } from "../../plan/step-work.ts";
import { judgeKeyAttributes } from "../judge-key-attributes.ts";
import { type FoundPlan, keyOf, type LookContext, type PlanContext } from "../step-context.ts";
import { lookedAt, needyItems } from "./expressions.ts";
import { journalRecord } from "./journal.ts";
import { findTransformProblem } from "./preflight.ts";
import { neededValues, untouchedAttributes } from "./values.ts";

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Counts the items that a run would write now, by a scan of the whole table. */
export async function countNeedyItems(step: BackfillStep, context: PlanContext): Promise<number> {
  const { client, table, signal, clock, patienceMs: retryDeadlineMs, show } = context;
  let items = 0;
  const needs = (item: StoredItem) => {
    try {
      return neededValues(step, item) !== undefined;
    } catch (cause) {
      const key = show.key(keyOf(item, context));
      throw new StepDefinitionError(step.id, key, show.words(messageOf(cause)), cause);
    }
  };
  const options = { table, filter: needyItems(step), signal, clock, retryDeadlineMs };
  await scanSegments(client, options, (page) => {
    items += page.filter(needs).length;
  });
  return items;
}

/** What of a backfill shows on the items that were read. */
interface Look {
  readonly matching: number;
  /** Items that may need the step, as the run's filter sees it. */
  readonly candidates: readonly StoredItem[];
}

function lookAt(step: BackfillStep, table: ForeseenTable): Look {
  const names = attributesOf(step.set);
  const candidates: StoredItem[] = [];
  let matching = 0;
  for (const item of table.items()) {
    if (!matchesPattern(item, step.where)) continue;
    matching += 1;
    if (step.overwrite || names.some((name) => item[name] === undefined)) candidates.push(item);
  }
  return { matching, candidates };
}

/** The item as the step would leave it; undefined where it does not need the step. */
function afterStep(step: BackfillStep, item: StoredItem): StoredItem | undefined {
  const needed = neededValues(step, item);
  if (!needed) return undefined;
  const after = { ...item, ...needed };
  if (itemBytes(after) > MAX_ITEM_BYTES) throw new RangeError("would be larger than 400 KB");
  return after;
}

/** What a write of an item costs; one with a journal is a transaction with its record. */
function costOf(
  step: BackfillStep,
  [before, after]: readonly [StoredItem, StoredItem],
  context: LookContext,
  table: ForeseenTable,
): WriteCost {
  const inTransaction = step.undo === "journal";
  const cost = costOfUpdate(before, after, table, { inTransaction });
  if (!inTransaction) return cost;
  const given = Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value));
  const name = { migration: context.migration, step: step.id };
  const { Put } = putJournal(context.ledger, journalRecord({ item: before, given }, name, context));
  return { ...cost, ledger: exactly(2 * writeUnitsOfBytes(itemBytes(Put?.Item ?? {}))) };
}

/** What a run would write, worked out on the items that were read; they are then as the run leaves them. */
export async function planBackfill(
  step: BackfillStep,
  context: LookContext,
  table: ForeseenTable,
): Promise<FoundPlan> {
  const { show } = context;
  const names = attributesOf(step.set);
  const what = names.join(", ");
  const nothing = { changes: 0, counts: { items: 0 } };
  const failing = (problems: readonly string[]): FoundPlan => {
    // What is wrong may be that it gives a key: that stays as it is.
    const given = names.filter((name) => !context.keyNames.includes(name));
    table.hide(given, `which the step ${step.id} before it would give, and would fail to`);
    return { action: `set ${what}: would fail`, ...nothing, problems };
  };
  const mistakes = judgeKeyAttributes(names, context);
  if (mistakes.length > 0) return failing(mistakes);
  const unknown = table.hiddenAmong(lookedAt(step, context));
  if (unknown !== undefined) {
    table.hide(names, `which the step ${step.id} before it would give, nobody knows to what`);
    return { action: `set ${what}`, ...nothing, unknown };
  }
  const { matching, candidates } = lookAt(step, table);
  const problem = await findTransformProblem(step, candidates, context);
  if (problem !== undefined) return failing([problem]);

  const before = table.bytes();
  const examples: ItemExample[] = [];
  const failures: string[] = [];
  let needing = 0;
  let cost = NO_COST;
  for (const item of candidates) {
    const key = keyOf(item, context);
    try {
      const after = afterStep(step, item);
      if (!after) continue;
      needing += 1;
      cost = addCosts(cost, costOf(step, [item, after], context, table));
      if (examples.length < MAX_EXAMPLES) examples.push(exampleOf(key, item, after, show));
      table.set(after);
    } catch (error) {
      failures.push(`${show.key(key)}: ${show.words(messageOf(error))}`);
    }
  }
  const [first] = failures;
  if (first !== undefined && failures.length > step.maxFailures) {
    const many = `${failures.length} items fail, and ${step.maxFailures} may be set aside`;
    return failing([failures.length === 1 ? first : `${many}: ${first}`]);
  }
  const work: StepWork = {
    matching,
    needing: needing + failures.length,
    written: needing,
    requests: exactly(needing),
    cost,
    // A pass that finds nothing to write is the last one.
    passes: needing > 0 ? [before, table.bytes()] : [before],
  };
  const items = Math.round(needing * table.factor);
  const aside = Math.round(failures.length * table.factor);
  const setAside = aside > 0 ? `, set ${about(aside, table)} aside` : "";
  const counts = { items, ...(aside > 0 ? { setAside: aside } : {}) };
  return {
    action: `set ${what} on ${about(items, table)} items${setAside}`,
    changes: items,
    counts,
    examples,
    work,
  };
}

/** What `down` would remove, worked out on the items that were read. */
export function planRemoval(step: BackfillStep, context: LookContext, table: ForeseenTable): FoundPlan {
  const names = attributesOf(step.set);
  const what = names.join(", ");
  const nothing = { changes: 0, counts: { items: 0 } };
  const cannotKnow = (action: string, unknown: string): FoundPlan => {
    table.hide(names, `which the undoing of ${step.id} before it would change, nobody knows to what`);
    return { action, ...nothing, unknown };
  };
  if (step.undo === "journal") {
    return cannotKnow(
      `give back what ${what} were`,
      "the journal stands in the ledger, which a plan does not go over",
    );
  }
  const unknown = table.hiddenAmong(lookedAt(step, context));
  if (unknown !== undefined) return cannotKnow(`remove ${what}`, unknown);
  const before = table.bytes();
  const examples: ItemExample[] = [];
  let [matching, needing, left] = [0, 0, 0];
  let cost = NO_COST;
  for (const item of table.items()) {
    if (!matchesPattern(item, step.where) || !names.some((name) => item[name])) continue;
    matching += 1;
    const removed = untouchedAttributes(step, item);
    if (removed.length === 0) {
      left += 1;
      continue;
    }
    const after = Object.fromEntries(Object.entries(item).filter(([name]) => !removed.includes(name)));
    needing += 1;
    cost = addCosts(cost, costOfUpdate(item, after, table));
    if (examples.length < MAX_EXAMPLES) {
      examples.push(exampleOf(keyOf(item, context), item, after, context.show));
    }
    table.set(after);
  }
  const work: StepWork = {
    matching,
    needing,
    written: needing,
    requests: exactly(needing),
    cost,
    passes: needing > 0 ? [before, table.bytes()] : [before],
  };
  const [items, kept] = [needing, left].map((count) => Math.round(count * table.factor)) as [number, number];
  const keeping = kept > 0 ? `, leave ${about(kept, table)} that differ from what it gave` : "";
  const action = `remove ${what} from ${about(items, table)} items${keeping}`;
  return { action, changes: items, counts: { items, left: kept }, examples, work };
}
