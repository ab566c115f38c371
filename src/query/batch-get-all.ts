import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import { fullJitter, sleep } from "../dynamo/backoff.ts";
import { MAX_BATCH_GET_KEYS } from "../dynamo/limits.ts";
import type { Database } from "./access-pattern.ts";
import { UnreadKeysError } from "./errors.ts";
import type { PlainItem } from "./oracle.ts";
import { persist } from "./persist.ts";

type Key = Readonly<Record<string, unknown>>;

/** When to give up. */
export interface BatchGetOptions {
  /** After this long without a single key more, in milliseconds. Default 30,000. */
  readonly standstillMs?: number | undefined;
}

/** One BatchGetItem: what came back, and the keys that DynamoDB did not get to. */
async function readBatch(database: Database, keys: readonly Key[]): Promise<[PlainItem[], Key[]]> {
  const command = new BatchGetCommand({
    RequestItems: { [database.table]: { Keys: [...keys] } },
    ReturnConsumedCapacity: "TOTAL",
  });
  const { Responses, UnprocessedKeys } = await persist(database, () =>
    database.client.send(command, { abortSignal: database.signal }),
  );
  return [Responses?.[database.table] ?? [], UnprocessedKeys?.[database.table]?.Keys ?? []];
}

/** Reads one chunk to its end: unprocessed keys are sent again, at once after progress, else after a wait. */
async function readChunk(
  database: Database,
  chunk: readonly Key[],
  standstillMs: number,
): Promise<PlainItem[]> {
  const found: PlainItem[] = [];
  let keys = chunk;
  let progressAt = performance.now();
  for (let attempt = 1; keys.length > 0; ) {
    const [items, unprocessed] = await readBatch(database, keys);
    found.push(...items);
    if (unprocessed.length < keys.length) {
      progressAt = performance.now();
      attempt = 1;
    } else if (performance.now() - progressAt > standstillMs) {
      throw new UnreadKeysError(database.table, unprocessed.length, standstillMs / 1000);
    } else {
      await sleep(fullJitter(attempt), database.signal);
      attempt += 1;
    }
    keys = unprocessed;
  }
  return found;
}

/**
 * A key as text, equal where keys are equal. Strings, which most keys are, need no quotes where their length stands
 * in front of them: this takes a third of the time of JSON.
 */
function spell(key: Key, names: readonly string[]): string {
  let text = "";
  for (const name of names) {
    const value = key[name];
    text += typeof value === "string" ? `${value.length}:${value}\n` : `${JSON.stringify(value)}\n`;
  }
  return text;
}

/**
 * Reads items by their primary keys, 100 a request. DynamoDB returns them in no order and leaves out those
 * that do not exist; here each key gets its item, or undefined, in the order of the keys.
 * @param keys primary keys, all with the same attributes; a key may stand twice
 * @throws {UnreadKeysError} when keys stay unprocessed without any progress.
 */
export async function batchGetAll(
  database: Database,
  keys: readonly Key[],
  { standstillMs = 30_000 }: BatchGetOptions = {},
): Promise<(PlainItem | undefined)[]> {
  const names = Object.keys(keys[0] ?? {});
  const spelled = keys.map((key) => spell(key, names));
  // One request may not name a key twice (API_BatchGetItem).
  const distinct = [...new Map(keys.map((key, position) => [spelled[position], key])).values()];
  const found = new Map<string, PlainItem>();
  for (let start = 0; start < distinct.length; start += MAX_BATCH_GET_KEYS) {
    const items = await readChunk(database, distinct.slice(start, start + MAX_BATCH_GET_KEYS), standstillMs);
    for (const item of items) found.set(spell(item, names), item);
  }
  return spelled.map((key) => found.get(key));
}
