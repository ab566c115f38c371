import { expect, inject, it } from "vitest";
import { batchGetItems } from "../../src/dynamo/batch-get.ts";
import { findAbsentItems } from "../../src/migrate/steps/find-absent-items.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { stepContext, testBed } from "../migrate/support.ts";
import { testClient } from "../support/tables.ts";

const item = (index: number) => ({ PK: { S: `p${index}` }, SK: { S: "s" }, v: { N: String(index) } });
const keyOf = (index: number) => ({ PK: { S: `p${index}` }, SK: { S: "s" } });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

async function setUp(rules: FaultRule[]) {
  const bed = await testBed({ items: numbers(230).map(item) });
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const { client } = testClient(proxy.endpoint, { maxAttempts: 1 });
  return { bed, proxy, client, table: bed.environment.table };
}

const operation = "BatchGetItem";

it("reads every item there is, whatever comes back unprocessed, throttled or not at all", async () => {
  const { proxy, client, table } = await setUp([
    { operation, nth: 1, fault: { kind: "throttle" } },
    { operation, nth: 3, fault: { kind: "loseAnswer" } },
    { operation, nth: [2, 5], fault: { kind: "unprocessedKeys" } },
    { operation, probability: 0.5, fault: { kind: "unprocessedKeys", share: 0.6 } },
  ]);
  const found = await batchGetItems(client, numbers(250).map(keyOf), { table });
  const byNumber = found.sort((a, b) => Number(a.v?.N) - Number(b.v?.N));
  expect(byNumber).toEqual(numbers(230).map(item));
  expect(proxy.requests.filter(({ fault }) => fault === "unprocessedKeys").length).toBeGreaterThan(2);
});

it("gives the attributes that are asked for", async () => {
  const { client, table } = await setUp([]);
  expect(await batchGetItems(client, [keyOf(7)], { table, attributes: ["v", "none"] })).toEqual([
    { v: { N: "7" } },
  ]);
});

const unread: FaultRule[] = [{ operation, fault: { kind: "unprocessedKeys" } }];

it("gives up on keys that stay unprocessed", async () => {
  const { client, table } = await setUp(unread);
  await expect(batchGetItems(client, [keyOf(1)], { table, standstillMs: 100 })).rejects.toMatchObject({
    code: "throttled",
    message: expect.stringContaining(`1 keys of ${table} stayed unprocessed`),
  });
});

it("stops for its signal, with the signal's reason", async () => {
  const { client, table } = await setUp(unread);
  const stop = new AbortController();
  const reading = batchGetItems(client, [keyOf(1)], { table, signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(reading).rejects.toThrow("enough");
});

it("a migration's look for absent items gives up as its other requests do", async () => {
  const { bed, client } = await setUp(unread);
  const context = { ...stepContext(bed, client), patienceMs: 100 };
  await expect(findAbsentItems([{ key: keyOf(1), keyText: "k" }], context)).rejects.toMatchObject({
    code: "throttled",
  });
});
