import { expect, test } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { segmentsOfOnePage } from "../../src/dynamo/choose-segments.ts";
import { sampleItems } from "../../src/dynamo/sample-items.ts";
import { createTestTable, putItems, testClient } from "../support/tables.ts";

test("reads random segments, each once, until it has enough", async () => {
  const { client } = testClient();
  const table = await createTestTable(client, quickPhotos, { indexes: false });
  const items = Array.from({ length: 200 }, (_, n) => ({ PK: { S: `item ${n}` }, SK: { S: "x" } }));
  await putItems(client, table, items);
  const read = async (options: { segments: number; take?: number; maxItems?: number }) => {
    const seen: string[] = [];
    const totals = await sampleItems(client, { table, ...options }, (page) => {
      seen.push(...page.map((item) => item.PK?.S ?? ""));
    });
    expect(new Set(seen).size).toBe(seen.length);
    expect(totals.scanned).toBe(seen.length);
    return { ...totals, seen };
  };
  expect(await read({ segments: 1 })).toMatchObject({ scanned: 200, whole: true });
  const all = await read({ segments: 16 });
  expect(all).toMatchObject({ scanned: 200, whole: true });
  expect(all.units).toBeGreaterThan(0);
  const some = await read({ segments: 16, take: 4 });
  expect(some.whole).toBe(false);
  expect(some.scanned).toBeGreaterThan(0);
  expect(some.scanned).toBeLessThan(200);
  const bounded = await read({ segments: 16, maxItems: 40 });
  expect(bounded.whole).toBe(false);
  expect(bounded.scanned).toBeGreaterThanOrEqual(40);
  expect(bounded.scanned).toBeLessThan(200);
});

test("segments are about a page each, as far as DynamoDB takes so many", () => {
  expect(segmentsOfOnePage(0)).toBe(1);
  expect(segmentsOfOnePage(10 * 1024 * 1024)).toBe(10);
  expect(segmentsOfOnePage(1e15)).toBe(1_000_000);
});
