import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { fullJitter, sleep } from "../dynamo/backoff.ts";
import { MAX_BATCH_WRITE_ITEMS } from "../dynamo/limits.ts";
import { UnwrittenScratchError } from "./errors.ts";

/** Give up when a batch makes no progress for so long, in milliseconds. */
const STANDSTILL_MS = 30_000;

/** Writes one batch to its end: what comes back unprocessed is sent again. */
async function writeBatch(
  client: DynamoDBClient,
  table: string,
  batch: WriteRequest[],
  signal?: AbortSignal,
): Promise<void> {
  let waiting = batch;
  let progressAt = performance.now();
  for (let attempt = 1; waiting.length > 0; attempt += 1) {
    const command = new BatchWriteItemCommand({ RequestItems: { [table]: waiting } });
    const { UnprocessedItems } = await client.send(command, { abortSignal: signal });
    const left = UnprocessedItems?.[table] ?? [];
    if (left.length < waiting.length) progressAt = performance.now();
    else if (performance.now() - progressAt > STANDSTILL_MS) {
      throw new UnwrittenScratchError(table, left.length, STANDSTILL_MS / 1000);
    }
    if (left.length > 0) await sleep(fullJitter(attempt), signal);
    waiting = left;
  }
}

/**
 * Carries out puts and deletes, 25 a request, until every one of them is done.
 * @throws {UnwrittenScratchError} when DynamoDB keeps leaving some of them unprocessed.
 */
export async function writeAll(
  client: DynamoDBClient,
  table: string,
  requests: readonly WriteRequest[],
  signal?: AbortSignal,
): Promise<void> {
  for (let start = 0; start < requests.length; start += MAX_BATCH_WRITE_ITEMS) {
    await writeBatch(client, table, requests.slice(start, start + MAX_BATCH_WRITE_ITEMS), signal);
  }
}
