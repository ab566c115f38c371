import { BatchWriteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import pLimit from "p-limit";
import { expect, test } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { launch } from "../support/processes.ts";
import { createTestTable, sharedTarget, testClient } from "../support/tables.ts";
import { photoItem, userItem } from "./photos.ts";
import { backfillFile, projectWith } from "./support.ts";

const MB = 1024 * 1024;
const LARGE = 1_000_000;
const SMALL = 100_000;
/** One item in fifty matches: 20,000 of a million. */
const MATCHING = 50;
const WRITES_AT_ONCE = 16;

const itemAt = (n: number): StoredItem =>
  n % MATCHING === 0 ? userItem(`u${n}`) : photoItem(`u${n}`, "2019-03-01T00:00:00");

async function fill(client: DynamoDBClient, table: string, items: number): Promise<void> {
  const limit = pLimit(WRITES_AT_ONCE);
  const put = async (start: number) => {
    let left = Array.from({ length: 25 }, (_, n) => ({ PutRequest: { Item: itemAt(start + n) } }));
    while (left.length > 0) {
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
      );
      left = (UnprocessedItems?.[table] ?? []) as typeof left;
    }
  };
  // A thousand batches at a time: a million promises would be a load of their own.
  for (let start = 0; start < items; start += 25_000) {
    const batches = Array.from({ length: Math.min(1_000, (items - start) / 25) }, (_, n) => start + n * 25);
    await Promise.all(batches.map((at) => limit(() => put(at))));
  }
}

interface Measured {
  readonly counts: Record<string, number>;
  readonly heapBytes: number;
  readonly peakRssBytes: number;
  readonly seconds: number;
  readonly requests: Record<string, number>;
}

async function migrate(items: number, root: string): Promise<Measured> {
  const { client } = testClient();
  const table = await createTestTable(client, quickPhotos, { indexes: false });
  await fill(client, table, items);
  const script = new URL("scale-child.ts", import.meta.url).pathname;
  const node = ["--conditions=tablewright-source", "--import", "tsx", script];
  const { stdout, stderr, status } = await launch(process.execPath, [
    ...node,
    sharedTarget().endpoint ?? "",
    table,
    root,
  ]).finished;
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Measured;
}

test("a million items, of which 20,000 match: memory does not grow with the table", async () => {
  const { root } = await projectWith({ "0001-a.ts": backfillFile("0001-a") });
  const small = await migrate(SMALL, root);
  const large = await migrate(LARGE, root);
  const show = ({ heapBytes, peakRssBytes, seconds, requests }: Measured) =>
    `heap ${(heapBytes / MB).toFixed(1)} MB, peak RSS ${(peakRssBytes / MB).toFixed(0)} MB, ${seconds.toFixed(0)} s, ${JSON.stringify(requests)}`;
  process.stdout.write(`${SMALL} items: ${show(small)}\n${LARGE} items: ${show(large)}\n`);
  expect(small.counts).toMatchObject({ items: SMALL / MATCHING, passes: 2 });
  expect(large.counts).toMatchObject({ items: LARGE / MATCHING, passes: 2 });
  expect(small.heapBytes).toBeGreaterThan(MB);
  expect(large.heapBytes - small.heapBytes).toBeLessThan(20 * MB);
  const { TransactWriteItemsCommand: bookkeeping = 0, ...others } = large.requests;
  const all = Object.values(others).reduce((sum, count) => sum + count, bookkeeping);
  expect(bookkeeping / all).toBeLessThan(0.05);
});
