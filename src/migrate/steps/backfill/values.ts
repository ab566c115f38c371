import { isDeepStrictEqual } from "node:util";
import { marshall } from "@aws-sdk/util-dynamodb";
import { canonicalNumber, canonicalValue } from "../../../dynamo/canonical-item.ts";
import type { StoredItem } from "../../../dynamo/scan.ts";
import { type BackfillStep, isComputed } from "../../definition/backfill.ts";
import { toPlainItem } from "../plain-item.ts";

const isRecord = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value));

/**
 * The values that a step gives an item, as DynamoDB's.
 * @throws {TypeError} for values that are none, or are not declared; whatever the step's function throws.
 */
export function givenValues(step: Pick<BackfillStep, "set">, item: StoredItem): StoredItem {
  if (!isComputed(step.set)) return marshall(step.set);
  const { from, attributes, values } = step.set;
  const seen: StoredItem = {};
  for (const name of from) if (item[name]) seen[name] = item[name];
  const given: unknown = values(toPlainItem(seen));
  if (given === undefined) return {};
  if (!isRecord(given)) throw new TypeError("gives no plain object of values");
  const stray = Object.keys(given).filter((name) => !attributes.includes(name));
  if (stray.length > 0) throw new TypeError(`gives ${stray.join(", ")}, which it does not declare`);
  return marshall(given);
}

/** Whether two stored values are equal, as DynamoDB sees it. */
export const isSameValue = (a: StoredItem[string], b: StoredItem[string]) =>
  isDeepStrictEqual(a, b) || canonicalValue(a) === canonicalValue(b);

function missingOrOther(step: BackfillStep, item: StoredItem): StoredItem {
  const needed = Object.entries(givenValues(step, item)).filter(([name, value]) => {
    const stored = item[name];
    return stored === undefined || (step.overwrite && !isSameValue(stored, value));
  });
  return Object.fromEntries(needed);
}

/**
 * The values that an item still needs; undefined where there is nothing to set.
 * @throws as {@link givenValues}, and for values that would be overwritten again and again.
 */
export function neededValues(step: BackfillStep, item: StoredItem): StoredItem | undefined {
  const needed = missingOrOther(step, item);
  const names = Object.keys(needed);
  if (names.length === 0) return undefined;
  if (step.overwrite) {
    const again = Object.keys(missingOrOther(step, { ...item, ...needed }));
    if (again.length > 0) {
      throw new TypeError(`gives another ${again.join(", ")} each time, so it would never be done`);
    }
  }
  return needed;
}

/** Whether a value is the given one, apart from counters inside maps that are back at zero. */
function isAsGiven(value: StoredItem[string], given: StoredItem[string] | undefined): boolean {
  if (!given) return value.N !== undefined && canonicalNumber(value.N) === "0";
  if (!value.M || !given.M) return isSameValue(value, given);
  const [stored, wanted] = [value.M, given.M];
  return (
    Object.keys(wanted).every((name) => stored[name] !== undefined) &&
    Object.entries(stored).every(([name, inner]) => isAsGiven(inner, wanted[name]))
  );
}

/** The attributes of an item that still are as the step gave them. */
export function untouchedAttributes(step: BackfillStep, item: StoredItem): string[] {
  let given: StoredItem;
  try {
    given = givenValues(step, item);
  } catch {
    // What the values were worked out from has changed: nothing shows that they are still the step's.
    return [];
  }
  return Object.keys(given).filter((name) => {
    const value = item[name];
    return value !== undefined && isAsGiven(value, given[name]);
  });
}
