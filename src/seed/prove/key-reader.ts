import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { batchGetItems } from "../../dynamo/batch-get.ts";
import { canonicalKey } from "../../dynamo/canonical-item.ts";
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

/** Called with what stands at a key now; undefined where nothing does. */
export type KeyHandler<Candidate> = (
  candidate: Candidate,
  found: StoredItem | undefined,
) => Promise<void> | void;

/** Reads the keys of candidates, 100 at a time, and hands over what stands there now. */
export class KeyReader<Candidate extends { readonly key: StoredItem }> {
  readonly #place: ReadPlace;
  readonly #handle: KeyHandler<Candidate>;
  #waiting: Candidate[] = [];

  constructor(place: ReadPlace, handle: KeyHandler<Candidate>) {
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
    const { client, table, keyNames, signal, retryDeadlineMs: standstillMs } = this.#place;
    const keys = candidates.map(({ key }) => key);
    const items = await batchGetItems(client, keys, { table, standstillMs, signal });
    const found = new Map(items.map((item) => [canonicalKey(item, keyNames), item]));
    for (const candidate of candidates) {
      await this.#handle(candidate, found.get(canonicalKey(candidate.key, keyNames)));
    }
  }
}
