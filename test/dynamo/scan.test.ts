import { expect, inject, it } from "vitest";
import { scanSegments } from "../../src/dynamo/scan.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { createTestTable, putItems, testClient } from "../support/tables.ts";

const design = {
  model: "scan",
  partitionKey: { name: "PK", type: "S" },
  indexes: {},
} as const;

const KEYS = Array.from({ length: 120 }, (_, number) => `key-${number}`);

async function setUp() {
  const proxy = await startFaultProxy(inject("endpoint"), {
    rules: [{ operation: "Scan", fault: { kind: "delay", milliseconds: 5 } }],
  });
  const { client } = testClient(proxy.endpoint);
  const table = await createTestTable(client, design);
  await putItems(
    client,
    table,
    KEYS.map((key) => ({ PK: { S: key } })),
  );
  const scans = () => proxy.requests.filter(({ operation }) => operation === "Scan");
  return { proxy, client, table, scans };
}

it("reads every segment once, four of them at once", async () => {
  const { proxy, client, table, scans } = await setUp();
  const keys: (string | undefined)[] = [];
  const totals = await scanSegments(client, { table, segments: 40 }, (items, count) => {
    expect(count).toBe(items.length);
    keys.push(...items.map(({ PK }) => PK?.S));
  });
  expect(keys.sort()).toEqual([...KEYS].sort());
  expect(totals).toMatchObject({ items: 120, scanned: 120, pages: 40 });
  const segments = scans().map(({ body }) => body.Segment as number);
  expect(segments.sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
  expect(proxy.mostAtOnce).toBe(4);
});

it("takes as many segments as suit the table's size, where none are named, and counts without items", async () => {
  const { client, table, scans } = await setUp();
  let counted = 0;
  await scanSegments(client, { table, countOnly: true }, (items, count) => {
    expect(items).toEqual([]);
    counted += count;
  });
  expect(counted).toBe(120);
  expect(scans().map(({ body }) => body.TotalSegments)).toEqual([4, 4, 4, 4]);
});
