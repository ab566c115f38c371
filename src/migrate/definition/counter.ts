import type { DeclaredWrites, ItemPattern } from "../../dynamo/item-pattern.ts";
import type { PlainItem, Values } from "./values.ts";

/** A number that counts members: where it is. */
export interface CounterPlace {
  /** The primary key of the item that carries the counter. */
  readonly key: Readonly<Record<string, string | number>>;
  /** The attribute, and the way down inside it where it is a map: `["reactions", "heart"]`. */
  readonly path: readonly string[];
}

/**
 * Counts the members of a pattern into counters, each member once: a member is marked and added in one
 * transaction, so that the count is exact beside live traffic that keeps the same mark.
 */
export interface CounterStep {
  readonly kind: "counter";
  readonly id: string;
  /** The items that are counted. */
  readonly members: ItemPattern;
  /** The attribute that says that a member is counted; live writes set it with their own addition. */
  readonly mark: string;
  /** The items that carry the counters. */
  readonly on: ItemPattern;
  /** The counters' top-level attributes on those items. */
  readonly attributes: readonly string[];
  /** What a top-level attribute is set to where an addition goes inside it and it is missing. */
  readonly initial: Values;
  /**
   * An attribute of the items that carry the counters, which every live write to a counter removes. `migrate
   * reconcile` sets it before it counts, and knows by it that nobody has written meanwhile. Without it writers
   * must rest while counters are reconciled.
   */
  readonly recount?: string | undefined;
  /** The counters that one member adds 1 to. The first names the item that members are grouped by. */
  readonly counts: (member: PlainItem) => readonly CounterPlace[];
  /** How many members, of which `counts` cannot say where they count, may be set aside before it fails. */
  readonly maxFailures: number;
  readonly writes: readonly DeclaredWrites[];
}

/**
 * A step that counts members exactly, beside live traffic. Live writes must keep the same rule before it
 * runs: a create sets the mark and adds 1 in one transaction; a delete of a marked member subtracts 1 in
 * one transaction, under the condition that the mark is there; a delete of an unmarked one subtracts nothing.
 */
export function counter(
  counter: Omit<CounterStep, "kind" | "writes" | "initial" | "maxFailures"> &
    Partial<Pick<CounterStep, "initial" | "maxFailures">>,
): CounterStep {
  const writes = [
    { where: counter.members, attributes: [counter.mark] },
    { where: counter.on, attributes: counter.attributes },
  ];
  return { kind: "counter", initial: {}, maxFailures: 0, ...counter, writes };
}
