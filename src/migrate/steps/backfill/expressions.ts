import { marshall } from "@aws-sdk/util-dynamodb";
import { type ItemPattern, patternExpression } from "../../../dynamo/item-pattern.ts";
import type { StoredItem } from "../../../dynamo/scan.ts";
import { attributesOf, type BackfillStep, isComputed } from "../../definition/backfill.ts";
import { keyOf, type PlanContext, partitionKeyName } from "../step-context.ts";

/** A conditional update of one item: for an UpdateItem, or as an action of a transaction. */
export interface ItemUpdate {
  readonly TableName: string;
  readonly Key: StoredItem;
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: StoredItem | undefined;
}

/** Attributes with the short names that expressions call them and their values by. */
const aliases = (names: readonly string[], mark: string) =>
  names.map((name, index) => ({ name, alias: `#${mark}${index}`, value: `:${mark}${index}` }));

type Aliases = ReturnType<typeof aliases>;

const namesOf = (list: Aliases) => Object.fromEntries(list.map(({ name, alias }) => [alias, name]));

/** The values of those attributes that the item has. */
const valuesOf = (list: Aliases, item: StoredItem): StoredItem =>
  Object.fromEntries(list.flatMap(({ name, value }) => (item[name] ? [[value, item[name]]] : [])));

/** DynamoDB refuses a list of values that is empty. */
const orNone = (values: StoredItem) => (Object.keys(values).length > 0 ? values : undefined);

/** That attributes are as they were seen: the same value, or not there. */
const unchanged = (list: Aliases, item: StoredItem) =>
  list.map(({ name, alias, value }) =>
    item[name] ? `${alias} = ${value}` : `attribute_not_exists(${alias})`,
  );

const and = (...terms: readonly string[]) => terms.filter(Boolean).join(" AND ");

/** A scan filter: the items of the step's pattern for which `terms` holds. */
function filterBy(step: BackfillStep, listed: Aliases, terms: string, values: StoredItem = {}) {
  const pattern = patternExpression(step.where);
  return {
    FilterExpression: and(pattern.expression, terms) || undefined,
    ExpressionAttributeNames: { ...pattern.names, ...(terms ? namesOf(listed) : {}) },
    ExpressionAttributeValues: orNone({ ...pattern.values, ...values }),
  };
}

/** The items that may need the step: only those where it cannot be seen from outside are worked out here. */
export function needyItems(step: BackfillStep) {
  const listed = aliases(attributesOf(step.set), "f");
  const missing = listed.map(({ alias }) => `attribute_not_exists(${alias})`);
  if (!step.overwrite) return filterBy(step, listed, `(${missing.join(" OR ")})`);
  if (isComputed(step.set)) return filterBy(step, listed, "");
  const differs = listed.map(({ alias, value }) => `${alias} <> ${value}`);
  const terms = `(${[...missing, ...differs].join(" OR ")})`;
  return filterBy(step, listed, terms, valuesOf(listed, marshall(step.set)));
}

/** The items that have one of the step's attributes. */
export function filledItems(step: BackfillStep) {
  const listed = aliases(attributesOf(step.set), "f");
  return filterBy(step, listed, `(${listed.map(({ alias }) => `attribute_exists(${alias})`).join(" OR ")})`);
}

/** The attributes that tell whether an item needs the step, and what it needs. */
export function lookedAt(step: BackfillStep, { keyNames }: PlanContext): string[] {
  const from = isComputed(step.set) ? step.set.from : [];
  return [...new Set([...keyNames, ...Object.keys(step.where), ...from, ...attributesOf(step.set)])];
}

/** The pattern without the key, which never changes. */
const changeable = (where: ItemPattern, { keyNames }: PlanContext): ItemPattern =>
  Object.fromEntries(Object.entries(where).filter(([name]) => !keyNames.includes(name)));

/**
 * Sets what an item still needs, and only if the item exists, still is one of the pattern, and nothing
 * that was looked at has changed.
 */
export function setRequest(
  step: BackfillStep,
  item: StoredItem,
  needed: StoredItem,
  context: PlanContext,
): ItemUpdate {
  const set = aliases(Object.keys(needed), "s");
  const looked = isComputed(step.set) ? step.set.from : [];
  const basis = aliases([...new Set([...looked, ...(step.overwrite ? Object.keys(needed) : [])])], "b");
  const pattern = patternExpression(changeable(step.where, context));
  const missing = set.map(({ alias }) => `attribute_not_exists(${alias})`).join(" OR ");
  const sets = set.map(({ alias, value }) =>
    step.overwrite ? `${alias} = ${value}` : `${alias} = if_not_exists(${alias}, ${value})`,
  );
  return {
    TableName: context.table,
    Key: keyOf(item, context),
    UpdateExpression: `SET ${sets.join(", ")}`,
    ConditionExpression: and(
      "attribute_exists(#key)",
      step.overwrite ? "" : `(${missing})`,
      pattern.expression,
      ...unchanged(basis, item),
    ),
    ExpressionAttributeNames: {
      "#key": partitionKeyName(context),
      ...pattern.names,
      ...namesOf(set),
      ...namesOf(basis),
    },
    ExpressionAttributeValues: orNone({
      ...pattern.values,
      ...valuesOf(set, needed),
      ...valuesOf(basis, item),
    }),
  };
}

/** Removes attributes, and only if nobody changes one of them meanwhile. */
export function removeRequest(
  item: StoredItem,
  attributes: readonly string[],
  context: PlanContext,
): ItemUpdate {
  return restoreRequest(item, Object.fromEntries(attributes.map((name) => [name, undefined])), context);
}

/**
 * Gives attributes the values they once had, or removes those that were not there, and only if nobody
 * changes one of them meanwhile.
 * @param old the values by attribute; undefined where there was none
 */
export function restoreRequest(
  item: StoredItem,
  old: Readonly<Record<string, StoredItem[string] | undefined>>,
  context: PlanContext,
): ItemUpdate {
  const listed = aliases(Object.keys(old), "r");
  const kept = listed.filter(({ name }) => old[name] !== undefined);
  const removed = listed.filter(({ name }) => old[name] === undefined);
  const sets = kept.map(({ alias }, index) => `${alias} = :o${index}`);
  const oldValues = kept.map(({ name }, index) => [`:o${index}`, old[name]]);
  const clauses = [
    sets.length > 0 ? `SET ${sets.join(", ")}` : "",
    removed.length > 0 ? `REMOVE ${removed.map(({ alias }) => alias).join(", ")}` : "",
  ];
  return {
    TableName: context.table,
    Key: keyOf(item, context),
    UpdateExpression: clauses.filter(Boolean).join(" "),
    ConditionExpression: and("attribute_exists(#key)", ...unchanged(listed, item)),
    ExpressionAttributeNames: { "#key": partitionKeyName(context), ...namesOf(listed) },
    ExpressionAttributeValues: orNone({ ...valuesOf(listed, item), ...Object.fromEntries(oldValues) }),
  };
}
