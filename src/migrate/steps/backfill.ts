import {
  type AttributeValue,
  ConditionalCheckFailedException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { retryFailures } from "../../dynamo/backoff.ts";
import { type ItemPattern, patternExpression } from "../../dynamo/item-pattern.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import { attributesOf, type BackfillStep, isComputed, type Values } from "../definition.ts";
import { NotConvergedError, StepDefinitionError } from "../errors.ts";
import { forEachBounded } from "../for-each-bounded.ts";
import { toPlainItem } from "./plain-item.ts";
import {
  keyOf,
  partitionKeyName,
  progressReporter,
  type StepContext,
  type StepPlan,
  type StepResult,
  showKey,
} from "./step-context.ts";

const MAX_PASSES = 10;
const SEGMENTS = 4;
/** Writes under way for one page; with four segments 16 in all, which is what DynamoDB Local does best. */
const WRITES_PER_SEGMENT = 4;

const aliases = (names: readonly string[], mark: string) =>
  names.map((name, index) => ({ name, alias: `#${mark}${index}`, value: `:${mark}${index}` }));

const namesOf = (list: readonly { name: string; alias: string }[]) =>
  Object.fromEntries(list.map(({ name, alias }) => [alias, name]));

/** A scan filter: the items of a pattern on which one of the attributes is, or is not, there. */
function filterFor(where: ItemPattern, attributes: readonly string[], test: "missing" | "present") {
  const pattern = patternExpression(where);
  const listed = aliases(attributes, "f");
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

function removeRequest(step: BackfillStep, item: StoredItem, context: StepContext): UpdateItemCommand {
  const removed = aliases(attributesOf(step.set), "r");
  const some = removed.map(({ alias }) => `attribute_exists(${alias})`).join(" OR ");
  return new UpdateItemCommand({
    TableName: context.table,
    Key: keyOf(item, context),
    UpdateExpression: `REMOVE ${removed.map(({ alias }) => alias).join(", ")}`,
    ConditionExpression: `attribute_exists(#key) AND (${some})`,
    ExpressionAttributeNames: { "#key": partitionKeyName(context), ...namesOf(removed) },
  });
}

/** @returns false where the item changed under the request, so that its condition did not hold */
async function send(request: UpdateItemCommand, context: StepContext): Promise<boolean> {
  const { client, signal, patienceMs: deadlineMs } = context;
  try {
    await retryFailures(() => client.send(request, { abortSignal: signal }), { signal, deadlineMs });
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** One pass over the table: `request` says what to send for an item, or undefined where nothing. */
async function pass(
  step: BackfillStep,
  test: "missing" | "present",
  context: StepContext,
  request: (item: StoredItem) => UpdateItemCommand | undefined,
): Promise<{ found: number; written: number; conflicts: number }> {
  const counts = { found: 0, written: 0, conflicts: 0 };
  const report = progressReporter(context.log);
  const { client, table, signal } = context;
  const filter = filterFor(step.where, attributesOf(step.set), test);
  await scanSegments(client, { table, segments: SEGMENTS, filter, signal }, async (items) => {
    await forEachBounded(items, WRITES_PER_SEGMENT, async (item) => {
      const command = request(item);
      if (!command) return;
      counts.found += 1;
      if (await send(command, context)) counts.written += 1;
      else counts.conflicts += 1;
      report(() => `${step.id}: ${counts.written} items written`);
    });
  });
  return counts;
}

/** Passes over the table until a whole one, of consistent reads, finds nothing left. */
async function untilNothingLeft(
  step: BackfillStep,
  test: "missing" | "present",
  context: StepContext,
  request: (item: StoredItem) => UpdateItemCommand | undefined,
): Promise<{ items: number; conflicts: number; passes: number }> {
  const totals = { items: 0, conflicts: 0, passes: 0 };
  for (;;) {
    const { found, written, conflicts } = await pass(step, test, context, request);
    totals.items += written;
    totals.conflicts += conflicts;
    totals.passes += 1;
    if (found === 0) return totals;
    if (totals.passes === MAX_PASSES) throw new NotConvergedError(step.id, MAX_PASSES, found);
  }
}

/**
 * Sets the attributes on every item of the pattern that lacks them, by conditional updates, and returns
 * when a whole pass of consistent reads finds none that does.
 * @throws {NotConvergedError} when writers keep making such items.
 */
export async function runBackfill(step: BackfillStep, context: StepContext): Promise<StepResult> {
  const counts = await untilNothingLeft(step, "missing", context, (item) => {
    const values = missingValues(step, item, context);
    return values && updateRequest(step, item, values, context);
  });
  return { outcome: "filled", counts };
}

/** Removes the attributes from every item of the pattern. */
export async function undoBackfill(step: BackfillStep, context: StepContext): Promise<StepResult> {
  const counts = await untilNothingLeft(step, "present", context, (item) =>
    removeRequest(step, item, context),
  );
  return { outcome: "removed", counts };
}

/** Counts the items that {@link runBackfill} would write. */
export async function planBackfill(step: BackfillStep, context: StepContext): Promise<StepPlan> {
  const { client, table, signal } = context;
  let items = 0;
  const filter = filterFor(step.where, attributesOf(step.set), "missing");
  await scanSegments(client, { table, segments: SEGMENTS, filter, signal }, (page) => {
    items += page.filter((item) => missingValues(step, item, context)).length;
  });
  const what = attributesOf(step.set).join(", ");
  return { action: `set ${what} on ${items} items`, changes: items, counts: { items } };
}
