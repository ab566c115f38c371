import { batchGetItems } from "../../dynamo/batch-get.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { keyTextOf } from "./counter-transaction.ts";
import type { PlanContext } from "./step-context.ts";

/**
 * Finds out which items do not exist, by consistent reads of their keys.
 * @returns their keys in one spelling
 * @throws {ThrottledError} when keys stay unprocessed for `patienceMs`.
 */
export async function findAbsentItems(
  items: readonly { readonly key: StoredItem; readonly keyText: string }[],
  context: PlanContext,
): Promise<Set<string>> {
  const { client, table, keyNames: attributes, signal, clock, patienceMs: standstillMs } = context;
  const keys = new Map(items.map(({ key, keyText }) => [keyText, key]));
  const absent = new Set(keys.keys());
  for (const item of await batchGetItems(client, [...keys.values()], {
    table,
    attributes,
    standstillMs,
    signal,
    clock,
  })) {
    absent.delete(keyTextOf(item, context));
  }
  return absent;
}
