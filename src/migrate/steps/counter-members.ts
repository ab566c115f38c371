import { marshall } from "@aws-sdk/util-dynamodb";
import { matchesPattern, patternExpression } from "../../dynamo/item-pattern.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import type { CounterPlace, CounterStep } from "../definition/counter.ts";
import { StepDefinitionError } from "../errors.ts";
import { type Direction, keyTextOf, type Member, type Place } from "./counter-transaction.ts";
import { toPlainItem } from "./plain-item.ts";
import { keyOf, type StepContext, showKey } from "./step-context.ts";

export const SEGMENTS = 4;

/** Checks a place against what the step declares, as `writes` promises it to the proof. */
function resolvePlace(step: CounterStep, place: CounterPlace, context: StepContext): Place {
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
 * Reads a member, and finds out where it is counted.
 * @throws {StepDefinitionError} where the step's function fails, or counts where the step did not declare it.
 */
export function toMember(step: CounterStep, item: StoredItem, context: StepContext): Member {
  const key = keyOf(item, context);
  const keyText = keyTextOf(key, context);
  try {
    const places = step.counts(toPlainItem(item)).map((place) => resolvePlace(step, place, context));
    if (places.length === 0) throw new TypeError("is counted nowhere");
    if (places.some((place) => place.keyText === keyText)) throw new TypeError("counts on itself");
    return { key, keyText, places, bytes: JSON.stringify(item).length };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StepDefinitionError(step.id, showKey(key), problem, cause);
  }
}

/** Scans for the members that are still to be counted (or uncounted), by consistent reads, page by page. */
export async function scanMembers(
  step: CounterStep,
  direction: Direction,
  context: StepContext,
  onPage: (members: Member[]) => Promise<void>,
): Promise<void> {
  const { client, table, signal } = context;
  const pattern = patternExpression(step.members);
  const mark = direction === "count" ? "attribute_not_exists(#mark)" : "attribute_exists(#mark)";
  const filter = {
    FilterExpression: [pattern.expression, mark].filter(Boolean).join(" AND "),
    ExpressionAttributeNames: { ...pattern.names, "#mark": step.mark },
    ExpressionAttributeValues: Object.keys(pattern.values).length > 0 ? pattern.values : undefined,
  };
  await scanSegments(client, { table, segments: SEGMENTS, filter, signal }, (items) =>
    onPage(items.map((item) => toMember(step, item, context))),
  );
}

/** Members by the first item they are counted on: the hub that a transaction stays with. */
export function groupByHub(members: readonly Member[]): Member[][] {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const hub = member.places[0]?.keyText ?? "";
    const group = groups.get(hub) ?? [];
    group.push(member);
    groups.set(hub, group);
  }
  return [...groups.values()];
}
