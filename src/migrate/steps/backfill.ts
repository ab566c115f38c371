import { type AttributeValue, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { canonicalNumber, canonicalValue } from "../../dynamo/canonical-item.ts";
import { patternExpression } from "../../dynamo/item-pattern.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import { attributesOf, type BackfillStep, isComputed } from "../definition/backfill.ts";
import type { Values } from "../definition/values.ts";
import { StepDefinitionError } from "../errors.ts";
import { toPlainItem } from "./plain-item.ts";
import {
  keyOf,
  partitionKeyName,
  type StepContext,
  type StepPlan,
  type StepResult,
  showKey,
} from "./step-context.ts";
import type { StepKind } from "./step-kind.ts";
import { SEGMENTS, sweepUntilDone } from "./sweep.ts";

const aliases = (names: readonly string[], mark: string) =>
  names.map((name, index) => ({ name, alias: `#${mark}${index}`, value: `:${mark}${index}` }));

const namesOf = (list: readonly { name: string; alias: string }[]) =>
  Object.fromEntries(list.map(({ name, alias }) => [alias, name]));

/** A scan filter: the items of the pattern on which one of the attributes is, or is not, there. */
function filterFor(step: BackfillStep, test: "missing" | "present") {
  const pattern = patternExpression(step.where);
  const listed = aliases(attributesOf(step.set), "f");
  const word = test === "missing" ? "attribute_not_exists" : "attribute_exists";
  const some = listed.map(({ alias }) => `${word}(${alias})`).join(" OR ");
  return {
    FilterExpression: [pattern.expression, `(${some})`].filter(Boolean).join(" AND "),
    ExpressionAttributeNames: { ...pattern.names, ...namesOf(listed) },
    ExpressionAttributeValues: Object.keys(pattern.values).length > 0 ? pattern.values : undefined,
  };
}

function valuesFor(step: BackfillStep, item: StoredItem): Values | undefined {
  if (!isComputed(step.set)) return step.set;
  const { from, attributes, values } = step.set;
  const seen: StoredItem = {};
  for (const name of from) if (item[name]) seen[name] = item[name];
  const given = values(toPlainItem(seen));
  const stray = Object.keys(given ?? {}).filter((name) => !attributes.includes(name));
  if (stray.length > 0) throw new TypeError(`gives ${stray.join(", ")}, which it does not declare`);
  return given;
}

/** The values of an item that it does not have yet; undefined where there is nothing to set. */
function missingValues(step: BackfillStep, item: StoredItem, context: StepContext): Values | undefined {
  let values: Values | undefined;
  try {
    values = valuesFor(step, item);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StepDefinitionError(step.id, showKey(keyOf(item, context)), problem, cause);
  }
  const missing = Object.entries(values ?? {}).filter(([name]) => item[name] === undefined);
  return missing.length > 0 ? Object.fromEntries(missing) : undefined;
}

/** Sets what is still missing, and only if what the values were worked out from is unchanged. */
function updateRequest(
  step: BackfillStep,
  item: StoredItem,
  values: Values,
  context: StepContext,
): UpdateItemCommand {
  const set = aliases(Object.keys(values), "s");
  const basis = aliases(isComputed(step.set) ? step.set.from : [], "b");
  const unchanged = basis.map(({ name, alias, value }) =>
    item[name] ? `${alias} = ${value}` : `attribute_not_exists(${alias})`,
  );
  const needs = `(${set.map(({ alias }) => `attribute_not_exists(${alias})`).join(" OR ")})`;
  const expressionValues: Record<string, AttributeValue> = {};
  const plain = marshall(values);
  for (const { name, value } of set) expressionValues[value] = plain[name] as AttributeValue;
  for (const { name, value } of basis) if (item[name]) expressionValues[value] = item[name];
  return new UpdateItemCommand({
    TableName: context.table,
    Key: keyOf(item, context),
    UpdateExpression: `SET ${set.map(({ alias, value }) => `${alias} = if_not_exists(${alias}, ${value})`).join(", ")}`,
    ConditionExpression: ["attribute_exists(#key)", needs, ...unchanged].join(" AND "),
    ExpressionAttributeNames: { "#key": partitionKeyName(context), ...namesOf(set), ...namesOf(basis) },
    ExpressionAttributeValues: expressionValues,
  });
}

/** Whether a value is the given one, apart from counters inside maps that are back at zero. */
function isAsGiven(value: AttributeValue, given: AttributeValue | undefined): boolean {
  if (!given) return value.N !== undefined && canonicalNumber(value.N) === "0";
  if (!value.M || !given.M) return canonicalValue(value) === canonicalValue(given);
  const [stored, wanted] = [value.M, given.M];
  return (
    Object.keys(wanted).every((name) => stored[name] !== undefined) &&
    Object.entries(stored).every(([name, inner]) => isAsGiven(inner, wanted[name]))
  );
}

/** The attributes of an item that still are as the step gave them. */
function untouchedAttributes(step: BackfillStep, item: StoredItem): string[] {
  let given: StoredItem;
  try {
    given = marshall(valuesFor(step, item) ?? {});
  } catch {
    // What the values were worked out from has changed: nothing shows that they are still the step's.
    return [];
  }
  return Object.keys(given).filter((name) => {
    const value = item[name];
    return value !== undefined && isAsGiven(value, given[name]);
  });
}

/** Removes what is still as the step gave it, and only if nobody changes it meanwhile. */
function removeRequest(
  step: BackfillStep,
  item: StoredItem,
  context: StepContext,
): UpdateItemCommand | undefined {
  const removed = aliases(untouchedAttributes(step, item), "r");
  if (removed.length === 0) return undefined;
  const values = removed.map(({ name, value }) => [value, item[name] as AttributeValue]);
  return new UpdateItemCommand({
    TableName: context.table,
    Key: keyOf(item, context),
    UpdateExpression: `REMOVE ${removed.map(({ alias }) => alias).join(", ")}`,
    ConditionExpression: removed.map(({ alias, value }) => `${alias} = ${value}`).join(" AND "),
    ExpressionAttributeNames: namesOf(removed),
    ExpressionAttributeValues: Object.fromEntries(values),
  });
}

/**
 * Sets the attributes on every item of the pattern that lacks them, by conditional updates, and returns
 * when a whole pass of consistent reads finds none that does.
 * @throws {NotConvergedError} when writers keep making such items.
 */
async function runBackfill(step: BackfillStep, context: StepContext): Promise<StepResult> {
  const { counts } = await sweepUntilDone(
    {
      step: step.id,
      filter: filterFor(step, "missing"),
      request: (item) => {
        const values = missingValues(step, item, context);
        return values && updateRequest(step, item, values, context);
      },
    },
    context,
  );
  return { outcome: "filled", counts };
}

/**
 * Removes the attributes from every item of the pattern on which they are as the step gave them. Others,
 * such as a counter that live traffic has raised since it was uncounted, are left and reported.
 * @throws {NotConvergedError} when writers keep making items that have them.
 */
async function undoBackfill(step: BackfillStep, context: StepContext): Promise<StepResult> {
  const { counts, kept } = await sweepUntilDone(
    {
      step: step.id,
      filter: filterFor(step, "present"),
      request: (item) => removeRequest(step, item, context),
    },
    context,
  );
  if (kept.count > 0) {
    const what = attributesOf(step.set).join(", ");
    context.log.warn(
      `${step.id}: ${kept.count} items keep what differs from this step's values of ${what}: ${kept}`,
    );
  }
  return { outcome: "removed", counts: { ...counts, left: kept.count } };
}

/** Counts the items that a run would write. */
async function planBackfill(step: BackfillStep, context: StepContext): Promise<StepPlan> {
  const { client, table, signal } = context;
  let items = 0;
  const filter = filterFor(step, "missing");
  await scanSegments(client, { table, segments: SEGMENTS, filter, signal }, (page) => {
    items += page.filter((item) => missingValues(step, item, context)).length;
  });
  const what = attributesOf(step.set).join(", ");
  return { action: `set ${what} on ${items} items`, changes: items, counts: { items } };
}

/** Sets attributes where they are missing. */
export const backfillKind: StepKind<BackfillStep> = {
  run: runBackfill,
  plan: planBackfill,
  undo: undoBackfill,
  refuseToUndo: (step) =>
    step.undo === "refuse"
      ? `it set ${attributesOf(step.set).join(", ")}, and its file does not say that they may be removed`
      : undefined,
};
