import type { StoredItem } from "../../dynamo/scan.ts";
import { findAbsentItems } from "../steps/find-absent-items.ts";
import type { PlanContext } from "../steps/step-context.ts";
import { DriftSums } from "./drift-sums.ts";
import { type CountedStep, type Counter, counterText, scanCounters } from "./scan-counters.ts";

/** A counter that differs from the marked members that it must equal. */
export interface Difference extends Counter {
  /** As it stands; undefined where it is no whole number. 0 where it is absent. */
  readonly was: number | undefined;
  /** How many marked members there are. */
  readonly is: number;
}

/** An item that an earlier recount has left its tag on. */
export interface LeftTag {
  readonly counted: CountedStep;
  readonly key: StoredItem;
}

/** What a look at the counters found. */
export interface Findings {
  /** How many counters there are. */
  readonly counters: number;
  readonly differences: readonly Difference[];
  readonly leftTags: readonly LeftTag[];
}

/** Reads each counter that may differ, and its members, in one more scan. */
async function readSuspects(steps: readonly CountedStep[], sums: DriftSums, context: PlanContext) {
  const suspects = new Map<
    string,
    { counter: Counter; was: number | undefined; is: number; stands: boolean }
  >();
  const suspectOf = (counter: Counter) => {
    const text = counterText(counter);
    if (!sums.maySuspect(text)) return undefined;
    const suspect = suspects.get(text) ?? { counter, was: 0, is: 0, stands: false };
    suspects.set(text, suspect);
    return suspect;
  };
  await scanCounters(steps, context, {
    value(counter, value) {
      const suspect = suspectOf(counter);
      if (suspect) Object.assign(suspect, { was: value, stands: true });
    },
    member(counter) {
      const suspect = suspectOf(counter);
      if (suspect) suspect.is += 1;
    },
    tagged() {},
  });
  return [...suspects.values()].filter(({ was, is }) => was !== is);
}

/**
 * Finds the counters that differ from the members that are marked as counted, by two consistent scans. Beside
 * live traffic it may name one that only moved meanwhile. Members whose counting item is gone count nowhere.
 */
export async function findDifferences(
  steps: readonly CountedStep[],
  context: PlanContext,
): Promise<Findings> {
  const sums = new DriftSums();
  const leftTags: LeftTag[] = [];
  let counters = 0;
  await scanCounters(steps, context, {
    value(counter, value) {
      counters += 1;
      sums.add(counterText(counter), value);
    },
    member: (counter) => sums.add(counterText(counter), -1),
    tagged: (counted, key) => leftTags.push({ counted, key }),
  });
  if (sums.isBalanced) return { counters, differences: [], leftTags };
  const suspects = await readSuspects(steps, sums, context);
  const unseen = suspects.filter(({ stands }) => !stands).map(({ counter }) => counter);
  const absent = await findAbsentItems(unseen, context);
  const differences = suspects
    .filter(({ counter }) => !absent.has(counter.keyText))
    .map(({ counter, was, is }) => ({ ...counter, was, is }));
  return { counters, differences, leftTags };
}
