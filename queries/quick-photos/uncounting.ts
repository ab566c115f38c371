import {
  ContendedError,
  type Database,
  type FailedConditions,
  type TransactAction,
  transactWrite,
} from "tablewright/query";
import { COUNTED_MARK } from "./entities.ts";
import { EXISTS, type Key } from "./keys.ts";

/** The update of a counter, without its item and condition. */
type Counting = Pick<
  Extract<TransactAction, { Update: unknown }>["Update"],
  "UpdateExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

/** An item's counters that include what is deleted, and how 1 is taken from them. */
export interface CountingItem {
  readonly key: Key;
  /** What the item must be like to be subtracted from; where it is not, there is nothing to subtract from. */
  readonly countable: string;
  readonly subtraction: Counting;
}

/** An item that counters may include. */
export interface CountedItem {
  readonly key: Key;
  readonly countedOn: readonly CountingItem[];
  /** The refusal where it does not exist. */
  readonly notFound: () => Error;
}

/** What a turn found out to be otherwise than it had taken for granted. */
class ChangedMeanwhileError extends Error {}

/** Each turn after the first is caused by another writer, of whom so many do not meet on one item. */
const MAX_TURNS = 20;

/** What is known of the items; each refusal corrects it. */
interface Knowledge {
  marked: boolean;
  /** The counting items that have nothing to subtract from, by their place in `countedOn`. */
  readonly absent: Set<number>;
}

const IS_MARKED = `attribute_exists(${COUNTED_MARK})`;
const IS_UNMARKED = `${EXISTS} AND attribute_not_exists(${COUNTED_MARK})`;

function subtract({ key, countable, subtraction }: CountingItem, absent: boolean): TransactAction {
  // That there is nothing to subtract from must still hold when the item goes.
  return absent
    ? { ConditionCheck: { Key: key, ConditionExpression: `NOT (${countable})` } }
    : { Update: { Key: key, ConditionExpression: countable, ...subtraction } };
}

function actionsFor({ key, countedOn }: CountedItem, { marked, absent }: Knowledge) {
  const ConditionExpression = marked ? IS_MARKED : IS_UNMARKED;
  const actions: Record<string, TransactAction> = { item: { Delete: { Key: key, ConditionExpression } } };
  if (marked) {
    for (const [place, item] of countedOn.entries()) actions[place] = subtract(item, absent.has(place));
  }
  return actions;
}

/** What is taken for granted at first: that all counters include the item. */
const atFirst = (): Knowledge => ({ marked: true, absent: new Set() });

/** The actions that {@link deleteCounted} sends first. */
export const deletion = (item: CountedItem) => actionsFor(item, atFirst());

/** Corrects what was known by the conditions that failed. */
function learn(failed: FailedConditions<string>, knowledge: Knowledge, item: CountedItem): Error {
  if (failed.has("item")) {
    const found = failed.get("item");
    if (!found) return item.notFound();
    knowledge.marked = COUNTED_MARK in found;
  }
  for (const place of item.countedOn.keys()) {
    if (failed.has(String(place)) && !knowledge.absent.delete(place)) knowledge.absent.add(place);
  }
  return new ChangedMeanwhileError();
}

/**
 * Deletes an item and takes it from the counters that include it. A marked item goes together with the
 * subtractions, under the condition that the mark is there; an unmarked one goes alone, under the condition
 * that it is not, as no counter includes it. What is marked, or loses its counters, in between is looked at
 * again. Each request is a transaction, if only of one action: its token keeps a lost answer that is asked for
 * again from reading as "does not exist".
 * @throws what `notFound` makes; {@link ContendedError} where others do not let it through.
 */
export async function deleteCounted(database: Database, item: CountedItem): Promise<void> {
  const knowledge = atFirst();
  const startedAt = performance.now();
  let last: unknown;
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    try {
      return await transactWrite(database, actionsFor(item, knowledge), (failed) =>
        learn(failed, knowledge, item),
      );
    } catch (error) {
      if (!(error instanceof ChangedMeanwhileError)) throw error;
      last = error;
    }
  }
  throw new ContendedError(database.table, Math.round((performance.now() - startedAt) / 1000), last);
}
