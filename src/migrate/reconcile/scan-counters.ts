import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { matchesPattern } from "../../dynamo/item-pattern.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import type { CounterStep } from "../definition/counter.ts";
import { toMember } from "../steps/counter-members.ts";
import { keyTextOf } from "../steps/counter-transaction.ts";
import { keyOf, type PlanContext } from "../steps/step-context.ts";

/** A counter step that was applied, and its migration. */
export interface CountedStep {
  readonly migration: string;
  /** What its migration's file does. */
  readonly hash: string;
  readonly step: CounterStep;
}

/** One counter: the step that it belongs to, the item that carries it, and where it is in there. */
export interface Counter {
  readonly counted: CountedStep;
  readonly key: StoredItem;
  /** The key in one spelling. */
  readonly keyText: string;
  readonly path: readonly string[];
}

/** What a scan of counters meets. */
export interface CounterVisitor {
  /** A counter as it stands; undefined where it is no whole number. */
  value(counter: Counter, value: number | undefined): void;
  /** A marked member, once for each counter that includes it. */
  member(counter: Counter): void;
  /** An item on which a recount has left its tag. */
  tagged(counted: CountedStep, key: StoredItem): void;
}

/** One spelling of a counter: equal for the same. */
export const counterText = ({ counted, keyText, path }: Counter): string =>
  JSON.stringify([counted.migration, counted.step.id, keyText, path]);

/** The numbers in an attribute: itself, or those inside of a map. */
export function* leavesOf(
  value: AttributeValue,
  path: readonly string[],
): Generator<{ path: readonly string[]; value: number | undefined }> {
  if (value.M) {
    for (const [name, inner] of Object.entries(value.M)) yield* leavesOf(inner, [...path, name]);
    return;
  }
  const number = Number(value.N);
  yield { path, value: Number.isSafeInteger(number) ? number : undefined };
}

function visitItem(counted: CountedStep, item: StoredItem, context: PlanContext, visitor: CounterVisitor) {
  const { step } = counted;
  if (matchesPattern(item, step.members) && item[step.mark]) {
    for (const place of toMember(step, item, context).places) visitor.member({ counted, ...place });
  }
  if (!matchesPattern(item, step.on)) return;
  const key = keyOf(item, context);
  const keyText = keyTextOf(key, context);
  if (step.recount !== undefined && item[step.recount]) visitor.tagged(counted, key);
  for (const attribute of step.attributes) {
    const value = item[attribute];
    if (value === undefined) continue;
    for (const leaf of leavesOf(value, [attribute])) {
      visitor.value({ counted, key, keyText, path: leaf.path }, leaf.value);
    }
  }
}

/**
 * Goes over the whole table once, by consistent reads of the base table, and shows the counters of steps and
 * the marked members that they must equal. Without a filter: it would spare the wire, not the read units.
 */
export async function scanCounters(
  steps: readonly CountedStep[],
  context: PlanContext,
  visitor: CounterVisitor,
): Promise<void> {
  const { client, table, signal, clock, patienceMs: retryDeadlineMs } = context;
  await scanSegments(client, { table, signal, clock, retryDeadlineMs }, (items) => {
    for (const item of items) for (const counted of steps) visitItem(counted, item, context, visitor);
  });
}
