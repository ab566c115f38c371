import type { StoredItem } from "../../dynamo/scan.ts";
import type { ForeseenTable, SegmentBytes } from "./foreseen-table.ts";
import { exactly, NONE, plus, type Range, times } from "./range.ts";
import { indexUnits, updateUnits } from "./write-units.ts";

/** Write units by what they are taken from. */
export interface WriteCost {
  readonly table: Range;
  readonly indexes: ReadonlyMap<string, Range>;
  readonly ledger: Range;
}

export const NO_COST: WriteCost = { table: NONE, indexes: new Map(), ledger: NONE };

/** The sum of two costs. */
export function addCosts(a: WriteCost, b: WriteCost): WriteCost {
  const indexes = new Map(a.indexes);
  for (const [name, units] of b.indexes) indexes.set(name, plus(indexes.get(name) ?? NONE, units));
  return { table: plus(a.table, b.table), indexes, ledger: plus(a.ledger, b.ledger) };
}

/** A cost so many times. */
export const scaleCost = ({ table, indexes, ledger }: WriteCost, factor: number): WriteCost => ({
  table: times(table, factor),
  indexes: new Map([...indexes].map(([name, units]) => [name, times(units, factor)])),
  ledger: times(ledger, factor),
});

/** The least of one cost and the most of another. */
export function between(least: WriteCost, most: WriteCost): WriteCost {
  const join = (a: Range | undefined, b: Range | undefined): Range => ({
    least: a?.least ?? 0,
    most: Math.max(a?.least ?? 0, b?.most ?? 0),
  });
  const names = new Set([...least.indexes.keys(), ...most.indexes.keys()]);
  return {
    table: join(least.table, most.table),
    indexes: new Map([...names].map((name) => [name, join(least.indexes.get(name), most.indexes.get(name))])),
    ledger: join(least.ledger, most.ledger),
  };
}

/**
 * What an update of an item costs: on the table, and on each index whose entry changes. In a transaction it costs
 * twice as much on the table (TransactWriteItems, "Capacity management"); whether also on a global index AWS does
 * not say, so there it is once to twice.
 */
export function costOfUpdate(
  before: StoredItem,
  after: StoredItem,
  table: Pick<ForeseenTable, "keyNames" | "indexes">,
  { inTransaction = false } = {},
): WriteCost {
  const factor = inTransaction ? 2 : 1;
  const indexes = new Map<string, Range>();
  let own = updateUnits(before, after) * factor;
  for (const { name, design, isLocal } of table.indexes()) {
    const units = indexUnits(before, after, design, table.keyNames);
    if (isLocal) own += units * factor;
    else if (units > 0) indexes.set(name, { least: units, most: units * factor });
  }
  return { table: exactly(own), indexes, ledger: NONE };
}

/** What a step would do to the items that were read: figures of these alone. */
export interface StepWork {
  /** Items that the step is about. */
  readonly matching: number;
  /** Items among them that need it. */
  readonly needing: number;
  /** Items that it would write. */
  readonly written: number;
  /** Requests that write. */
  readonly requests: Range;
  readonly cost: WriteCost;
  /** What each pass goes over: the items before the step, and, where it writes any, after it. */
  readonly passes: readonly SegmentBytes[];
  /** DynamoDB does it by itself, at a pace that nobody sets. */
  readonly ownPace?: true;
}
