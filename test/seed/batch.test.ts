import fc from "fast-check";
import { expect, it } from "vitest";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import type { SeedItem } from "../../src/seed/file/records.ts";
import { Batch, wireBytes } from "../../src/seed/load/batch.ts";
import { batchWriteBody } from "../../src/seed/load/send-batch.ts";
import { itemOf, plainItems, seedItem } from "./support.ts";

const LIMIT = 16 * 1024 * 1024;
const pending = (item: StoredItem) => ({
  seed: seedItem(item),
  ordinal: 1,
  attempts: 0,
  refusals: 0,
  uncertain: false,
});
const requestBytes = (items: readonly SeedItem[]) => batchWriteBody("a-table-name", items).length;

it("the text of a request is what the SDK would send, and no longer than was reckoned", () => {
  fc.assert(
    fc.property(plainItems, (plain) => {
      const seeds = plain.slice(0, 25).map((object) => seedItem(itemOf(object)));
      const body = batchWriteBody("a-table-name", seeds);
      expect(JSON.parse(body.toString())).toEqual({
        RequestItems: { "a-table-name": seeds.map(({ item }) => ({ PutRequest: { Item: item } })) },
        ReturnConsumedCapacity: "INDEXES",
      });
      const reckoned = seeds.reduce((bytes, seed) => bytes + wireBytes(seed), 4 * 1024);
      expect(reckoned).toBeGreaterThanOrEqual(body.length);
    }),
    { numRuns: 300 },
  );
});

it("a batch takes 25 items, and no more than 16 MB as sent", () => {
  const small = new Batch();
  while (small.add(pending({ PK: { S: "x" } })));
  expect(small.items).toHaveLength(25);

  // 400 KB as DynamoDB counts it, and more than 2 MB as JSON.
  const fat = { PK: { S: "x" }, a: { L: Array(200_000).fill({ BOOL: true }) } };
  const batch = new Batch();
  while (batch.add(pending(fat)));
  const sent = requestBytes(batch.items.map(({ seed }) => seed));
  expect(sent).toBeLessThanOrEqual(LIMIT);
  expect(sent + requestBytes([seedItem(fat)])).toBeGreaterThan(LIMIT);
});

it("an item that is too long for any request still gets one of its own, for the service to judge", () => {
  const item = { PK: { S: "x" }, a: { S: "\u0001".repeat(3 * 1024 * 1024) } };
  expect(new Batch().add(pending(item))).toBe(true);
});
