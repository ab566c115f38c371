import { BatchGetItemCommand, type DynamoDBClient, type KeysAndAttributes } from "@aws-sdk/client-dynamodb";
import { fullJitter, retryFailures } from "./backoff.ts";
import { type Clock, systemClock } from "./clock.ts";
import { ThrottledError } from "./errors.ts";
import { MAX_BATCH_GET_KEYS } from "./limits.ts";
import type { StoredItem } from "./scan.ts";

/** Where items are read, and what of them. */
export interface BatchGetOptions {
  readonly table: string;
  /** The top-level attributes that are wanted. Default: all. It spares the wire, not the read units. */
  readonly attributes?: readonly string[] | undefined;
  /** Give up when not one key more could be read for so long, in milliseconds. Default 30,000. */
  readonly standstillMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: the process's own. */
  readonly clock?: Clock | undefined;
}

type Projection = Pick<KeysAndAttributes, "ProjectionExpression" | "ExpressionAttributeNames">;

function projectionOf(attributes: readonly string[] | undefined): Projection {
  if (!attributes) return {};
  const names = Object.fromEntries(attributes.map((name, index) => [`#a${index}`, name]));
  return { ProjectionExpression: Object.keys(names).join(", "), ExpressionAttributeNames: names };
}

/** Reads one request's worth of keys to its end: at once again after progress, else after a wait. */
async function getChunk(
  client: Pick<DynamoDBClient, "send">,
  keys: readonly StoredItem[],
  options: BatchGetOptions,
): Promise<StoredItem[]> {
  const { table, attributes, standstillMs = 30_000, signal, clock = systemClock } = options;
  const found: StoredItem[] = [];
  let left = [...keys];
  let progressAt = clock.now();
  for (let attempt = 1; left.length > 0; ) {
    const command = new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: left, ConsistentRead: true, ...projectionOf(attributes) } },
      ReturnConsumedCapacity: "TOTAL",
    });
    const answer = await retryFailures(() => client.send(command, { abortSignal: signal }), {
      signal,
      deadlineMs: standstillMs,
      clock,
    });
    found.push(...(answer.Responses?.[table] ?? []));
    const unread = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    if (unread.length < left.length) {
      progressAt = clock.now();
      attempt = 1;
    } else if (clock.now() - progressAt > standstillMs) {
      throw new ThrottledError(new Error(`${unread.length} keys of ${table} stayed unprocessed`));
    } else {
      await clock.sleep(fullJitter(attempt), signal);
      attempt += 1;
    }
    left = unread;
  }
  return found;
}

/**
 * Reads items by their primary keys, by consistent reads, 100 a request; keys that come back unprocessed
 * are asked for until they are read. Absent items are left out, and the others come in no order.
 * @param keys no key twice: DynamoDB refuses that (API_BatchGetItem)
 * @throws {ThrottledError} when keys stay unprocessed for `standstillMs`; what the SDK throws, when
 * requests fail for so long; the signal's reason.
 */
export async function batchGetItems(
  client: Pick<DynamoDBClient, "send">,
  keys: readonly StoredItem[],
  options: BatchGetOptions,
): Promise<StoredItem[]> {
  const found: StoredItem[] = [];
  try {
    for (let start = 0; start < keys.length; start += MAX_BATCH_GET_KEYS) {
      found.push(...(await getChunk(client, keys.slice(start, start + MAX_BATCH_GET_KEYS), options)));
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  }
  return found;
}
