import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalValue } from "../../dynamo/canonical-item.ts";
import type { ItemView } from "../../dynamo/item-view.ts";
import type { StoredItem } from "../../dynamo/scan.ts";

/** Examples of one step. */
export const MAX_EXAMPLES = 3;

/** One attribute of an item that a step would change. */
export interface AttributeChange {
  /** The attribute, and the way down inside it: `followers`, `reactions.heart`. */
  readonly attribute: string;
  /** As JSON text, or its kind where values are hidden; null where it is absent. */
  readonly before: string | null;
  readonly after: string | null;
}

/** An item that was read, and what a step would change on it. */
export interface ItemExample {
  readonly key: string;
  readonly changes: readonly AttributeChange[];
}

const isSame = (a: AttributeValue | undefined, b: AttributeValue | undefined) =>
  a === undefined || b === undefined ? a === b : canonicalValue(a) === canonicalValue(b);

function changesOf(
  before: StoredItem,
  after: StoredItem,
  view: ItemView,
  path: readonly string[] = [],
): AttributeChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [old, fresh] = [before[name], after[name]];
    if (isSame(old, fresh)) return [];
    const inside = [...path, name];
    if (old?.M && fresh?.M) return changesOf(old.M, fresh.M, view, inside);
    const shown = (value: AttributeValue | undefined) => (value ? view.value(value) : null);
    return [{ attribute: inside.join("."), before: shown(old), after: shown(fresh) }];
  });
}

/** What changes on an item, and only that. */
export function exampleOf(
  key: StoredItem,
  before: StoredItem,
  after: StoredItem,
  view: ItemView,
): ItemExample {
  return { key: view.key(key), changes: changesOf(before, after, view) };
}
