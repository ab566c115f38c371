import fc from "fast-check";
import { expect, it } from "vitest";
import { itemBytes } from "../../src/dynamo/item-size.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { Batch, wireBytes } from "../../src/seed/load/batch.ts";
import { itemOf, plainItems } from "./support.ts";

const LIMIT = 16 * 1024 * 1024;
const pending = (item: StoredItem) => ({
  seed: { line: 1, item, key: "", bytes: itemBytes(item) },
  attempts: 0,
  uncertain: false,
});
const requestBytes = (items: readonly StoredItem[]) => {
  const requests = items.map((Item) => ({ PutRequest: { Item } }));
  return Buffer.byteLength(JSON.stringify({ RequestItems: { "a-table-name": requests } }));
};

it("the size of an item on the wire is never underrated", () => {
  fc.assert(
    fc.property(plainItems, ([plain = {}]) => {
      const item = itemOf(plain);
      expect(wireBytes(pending(item).seed)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(item)));
    }),
    { numRuns: 300 },
  );
  for (const value of [
    { NULL: true },
    { BOOL: false },
    { L: [] },
    { M: {} },
    { S: "" },
    { S: "\u0001" },
    { N: "0" },
  ]) {
    const item = { a: { L: Array(500).fill(value) } };
    expect(wireBytes(pending(item).seed)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(item)));
  }
});

it("a batch takes 25 items, and no more than 16 MB as sent", () => {
  const small = new Batch();
  while (small.add(pending({ PK: { S: "x" } })));
  expect(small.items).toHaveLength(25);

  // 400 KB as DynamoDB counts it, and more than 2 MB as JSON.
  const fat = { PK: { S: "x" }, a: { L: Array(200_000).fill({ BOOL: true }) } };
  const batch = new Batch();
  while (batch.add(pending(fat)));
  const sent = requestBytes(batch.items.map(({ seed }) => seed.item));
  expect(sent).toBeLessThanOrEqual(LIMIT);
  expect(sent + requestBytes([fat])).toBeGreaterThan(LIMIT);
});

it("an item that is too long for any request still gets one of its own, for the service to judge", () => {
  const item = { PK: { S: "x" }, a: { S: "\u0001".repeat(3 * 1024 * 1024) } };
  expect(new Batch().add(pending(item))).toBe(true);
});
