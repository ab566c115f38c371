import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { fullJitter, retryFailures, sleep } from "../../dynamo/backoff.ts";
import { canonicalKey } from "../../dynamo/canonical-item.ts";
import { ThrottledError } from "../../dynamo/errors.ts";
import { MAX_BATCH_GET_KEYS } from "../../dynamo/limits.ts";
import type { StoredItem } from "../../dynamo/scan.ts";

/** Where items are read. */
export interface ReadPlace {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly table: string;
  readonly keyNames: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Give up on keys that cannot be read for so long, in milliseconds. Default 30,000. */
  readonly retryDeadlineMs?: number | undefined;
}

/** The items of up to 100 keys, by consistent reads, under their canonical keys; an absent item is left out. */
async function getItems(place: ReadPlace, keys: readonly StoredItem[]): Promise<Map<string, StoredItem>> {
  const { client, table, keyNames, signal, retryDeadlineMs: deadlineMs = 30_000 } = place;
  const found = new Map<string, StoredItem>();
  const startedAt = performance.now();
  let pending: StoredItem[] = [...keys];
  for (let attempt = 1; ; attempt += 1) {
    const command = new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: pending, ConsistentRead: true } },
      ReturnConsumedCapacity: "TOTAL",
    });
    const answer = await retryFailures(() => client.send(command), { signal, deadlineMs });
    for (const item of answer.Responses?.[table] ?? []) found.set(canonicalKey(item, keyNames), item);
    pending = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    if (pending.length === 0) return found;
    if (performance.now() - startedAt > deadlineMs)
      throw new ThrottledError(new Error(`${pending.length} keys stayed unprocessed`));
    await sleep(fullJitter(attempt), signal);
  }
}

/** Called with what stands at a key now; undefined where nothing does. */
export type ReadAgainHandler<Candidate> = (candidate: Candidate, found: StoredItem | undefined) => void;

/** Reads the keys of candidates once more, 100 at a time, and hands over what stands there now. */
export class ReadAgain<Candidate extends { readonly key: StoredItem }> {
  readonly #place: ReadPlace;
  readonly #handle: ReadAgainHandler<Candidate>;
  #waiting: Candidate[] = [];

  constructor(place: ReadPlace, handle: ReadAgainHandler<Candidate>) {
    this.#place = place;
    this.#handle = handle;
  }

  async add(candidate: Candidate): Promise<void> {
    this.#waiting.push(candidate);
    if (this.#waiting.length >= MAX_BATCH_GET_KEYS) await this.flush();
  }

  async flush(): Promise<void> {
    const candidates = this.#waiting;
    this.#waiting = [];
    if (candidates.length === 0) return;
    const found = await getItems(
      this.#place,
      candidates.map(({ key }) => key),
    );
    for (const candidate of candidates) {
      this.#handle(candidate, found.get(canonicalKey(candidate.key, this.#place.keyNames)));
    }
  }
}
