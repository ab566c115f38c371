import {
  DeleteTableCommand,
  type DynamoDBClient,
  paginateListTables,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { retryFailures, sleep } from "../dynamo/backoff.ts";
import { describeTable } from "../dynamo/describe.ts";
import { SCRATCH_PREFIX } from "./scratch-request.ts";

/**
 * How old a scratch table is when it counts as left behind. A run takes seconds to minutes, and nothing tells a
 * table in use from one whose run was killed, on a local engine no more than on AWS.
 */
export const LEFTOVER_AGE_MS = 60 * 60 * 1000;

/** Tables are being made or changed for so long at most, in milliseconds, before a delete is given up. */
const BUSY_DEADLINE_MS = 120_000;
const BUSY_POLL_MS = 500;

/**
 * Deletes a scratch table; one that is not there counts as deleted. A table that is still being created cannot
 * be deleted yet, so that is waited for.
 */
export async function deleteScratch(client: DynamoDBClient, name: string): Promise<void> {
  if (!name.startsWith(SCRATCH_PREFIX)) throw new TypeError(`${name} is not a scratch table`);
  const startedAt = performance.now();
  for (;;) {
    try {
      await retryFailures(() => client.send(new DeleteTableCommand({ TableName: name })));
      return;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return;
      const busy = error instanceof ResourceInUseException;
      if (!busy || performance.now() - startedAt > BUSY_DEADLINE_MS) throw error;
      await sleep(BUSY_POLL_MS);
    }
  }
}

/**
 * Deletes the scratch tables that earlier runs left behind.
 * @param olderThanMs the age at which a table counts as left behind
 * @returns the names of the tables deleted
 */
export async function sweepScratch(
  client: DynamoDBClient,
  olderThanMs = LEFTOVER_AGE_MS,
  now = Date.now(),
): Promise<string[]> {
  const swept: string[] = [];
  for await (const page of paginateListTables({ client }, {})) {
    for (const name of page.TableNames ?? []) {
      if (!name.startsWith(SCRATCH_PREFIX)) continue;
      const created = (await describeTable(client, name))?.CreationDateTime?.getTime();
      if (created === undefined || now - created < olderThanMs) continue;
      await deleteScratch(client, name);
      swept.push(name);
    }
  }
  return swept;
}
