import type { PlainItem } from "../../query/oracle.ts";
import type { WireValues } from "./wire.ts";

/** The items that an answer holds: of GetItem, Query, Scan or BatchGetItem. */
export function itemsIn({ Item, Items, Responses }: WireValues): PlainItem[] {
  if (Item !== undefined) return [Item as PlainItem];
  if (Items !== undefined) return Items as PlainItem[];
  return Object.values((Responses ?? {}) as Record<string, PlainItem[]>).flat();
}

/** The same answer with other items, list by list. */
export function withItems(
  output: WireValues,
  change: (items: readonly PlainItem[]) => readonly PlainItem[],
): WireValues {
  const { Item, Items, Responses } = output;
  if (Items !== undefined) {
    const changed = change(Items as PlainItem[]);
    return { ...output, Items: changed, Count: changed.length };
  }
  if (Responses !== undefined) {
    const tables = Object.entries(Responses as Record<string, PlainItem[]>);
    return {
      ...output,
      Responses: Object.fromEntries(tables.map(([table, items]) => [table, change(items)])),
    };
  }
  return { ...output, Item: change(Item === undefined ? [] : [Item as PlainItem])[0] };
}
