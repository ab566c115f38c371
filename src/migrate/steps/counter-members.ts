import { marshall } from "@aws-sdk/util-dynamodb";
import { matchesPattern, patternExpression } from "../../dynamo/item-pattern.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import type { CounterPlace, CounterStep } from "../definition/counter.ts";
import { StepDefinitionError } from "../errors.ts";
import { type Direction, keyTextOf, type Member, type Place } from "./counter-transaction.ts";
import { toPlainItem } from "./plain-item.ts";
import { keyOf, type PlanContext, showKey } from "./step-context.ts";

/** Checks a place against what the step declares, as `writes` promises it to the proof. */
function resolvePlace(step: CounterStep, place: CounterPlace, context: PlanContext): Place {
  const key = marshall(place.key);
  const names = Object.keys(key).sort().join(", ");
  if (names !== [...context.keyNames].sort().join(", ")) throw new TypeError(`counts on a key of ${names}`);
  if (!matchesPattern(key, step.on)) throw new TypeError(`counts on ${showKey(key)}, which is not in "on"`);
  const [attribute] = place.path;
  if (attribute === undefined || !step.attributes.includes(attribute)) {
    throw new TypeError(`counts in ${attribute ?? "no attribute"}, which is not in "attributes"`);
  }
  return { key, keyText: keyTextOf(key, context), path: place.path };
}

/**
 * A member and where it is counted.
 * @throws {TypeError} where it cannot be said; whatever the step's function throws.
 */
export function resolveMember(step: CounterStep, item: StoredItem, context: PlanContext): Member {
  const key = keyOf(item, context);
  const keyText = keyTextOf(key, context);
  const places = step.counts(toPlainItem(item)).map((place) => resolvePlace(step, place, context));
  if (places.length === 0) throw new TypeError("is counted nowhere");
  if (places.some((place) => place.keyText === keyText)) throw new TypeError("counts on itself");
  return { key, keyText, places, bytes: JSON.stringify(item).length };
}

/**
 * Reads a member, and finds out where it is counted.
 * @throws {StepDefinitionError} where the step's function fails, or counts where the step did not declare it.
 */
export function toMember(step: CounterStep, item: StoredItem, context: PlanContext): Member {
  try {
    return resolveMember(step, item, context);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StepDefinitionError(step.id, showKey(keyOf(item, context)), problem, cause);
  }
}

/** The members that are still to be counted, or uncounted. */
export function memberFilter(step: CounterStep, direction: Direction) {
  const pattern = patternExpression(step.members);
  const mark = direction === "count" ? "attribute_not_exists(#mark)" : "attribute_exists(#mark)";
  return {
    FilterExpression: [pattern.expression, mark].filter(Boolean).join(" AND "),
    ExpressionAttributeNames: { ...pattern.names, "#mark": step.mark },
    ExpressionAttributeValues: Object.keys(pattern.values).length > 0 ? pattern.values : undefined,
  };
}

/** The same, of an item that was read by its key. */
export const isWanted = (step: CounterStep, item: StoredItem, direction: Direction) =>
  matchesPattern(item, step.members) && (item[step.mark] === undefined) === (direction === "count");

/** Scans for the members that are still to be counted (or uncounted), by consistent reads, page by page. */
export async function scanMembers(
  step: CounterStep,
  direction: Direction,
  context: PlanContext,
  onPage: (members: Member[]) => Promise<void>,
): Promise<void> {
  const { client, table, signal, clock } = context;
  const filter = memberFilter(step, direction);
  await scanSegments(client, { table, filter, signal, clock }, (items) =>
    onPage(items.map((item) => toMember(step, item, context))),
  );
}

/** Members by the item that they are counted on first: the hub that a transaction stays with. */
export function groupByHub<M extends Member>(members: readonly M[]): ReadonlyMap<string, readonly M[]> {
  const groups = new Map<string, M[]>();
  for (const member of members) {
    const hub = member.places[0]?.keyText ?? "";
    const group = groups.get(hub);
    if (group) group.push(member);
    else groups.set(hub, [member]);
  }
  return groups;
}
