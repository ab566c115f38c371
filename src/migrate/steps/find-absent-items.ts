import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { fullJitter, retryFailures, sleep } from "../../dynamo/backoff.ts";
import { MAX_BATCH_GET_KEYS } from "../../dynamo/limits.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { keyTextOf } from "./counter-transaction.ts";
import type { StepContext } from "./step-context.ts";

/** The keys of a batch that exist, by consistent reads; unprocessed keys are asked for until answered. */
async function existing(keys: readonly StoredItem[], context: StepContext): Promise<StoredItem[]> {
  const { client, table, keyNames, signal } = context;
  const found: StoredItem[] = [];
  const names = Object.fromEntries(keyNames.map((name, index) => [`#k${index}`, name]));
  let left = [...keys];
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const request = new BatchGetItemCommand({
      RequestItems: {
        [table]: {
          Keys: left,
          ConsistentRead: true,
          ProjectionExpression: Object.keys(names).join(", "),
          ExpressionAttributeNames: names,
        },
      },
    });
    const answer = await retryFailures(() => client.send(request, { abortSignal: signal }), { signal });
    found.push(...(answer.Responses?.[table] ?? []));
    left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    if (left.length > 0) await sleep(fullJitter(attempt), signal);
  }
  return found;
}

/**
 * Finds out which items do not exist.
 * @returns their keys in one spelling
 */
export async function findAbsentItems(
  items: readonly { readonly key: StoredItem; readonly keyText: string }[],
  context: StepContext,
): Promise<Set<string>> {
  const keys = new Map(items.map(({ key, keyText }) => [keyText, key]));
  const absent = new Set(keys.keys());
  const all = [...keys.values()];
  for (let start = 0; start < all.length; start += MAX_BATCH_GET_KEYS) {
    for (const item of await existing(all.slice(start, start + MAX_BATCH_GET_KEYS), context)) {
      absent.delete(keyTextOf(item, context));
    }
  }
  return absent;
}
