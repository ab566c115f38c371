import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect, inject, test } from "vitest";
import type { TableDesign } from "../../src/dynamo/table-design.ts";
import { batchGetAll } from "../../src/query/batch-get-all.ts";
import { openDatabase } from "../../src/query/database.ts";
import { QueryRefusal } from "../../src/query/errors.ts";
import { persist } from "../../src/query/persist.ts";
import { queryPages } from "../../src/query/query-pages.ts";
import { isMissingPathError, transactWrite } from "../../src/query/transact-write.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { createTestTable, putItems, testClient } from "../support/tables.ts";

const design = {
  model: "requests",
  partitionKey: { name: "id", type: "S" },
  sortKey: { name: "at", type: "N" },
  indexes: {},
} as const satisfies TableDesign;

const item = (id: string, at: number) => ({ id, at, text: `${id} ${at}` });

async function openTable(items: readonly object[], ...rules: FaultRule[]) {
  const { client } = testClient();
  const table = await createTestTable(client, design);
  await putItems(
    client,
    table,
    items.map((each) => marshall(each)),
  );
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const metered = testClient(proxy.endpoint);
  return { proxy, meter: metered.meter, database: openDatabase(metered.client, table) };
}

class Refused extends QueryRefusal {
  readonly code = "refused";
}
const refused = (message: string) => new Refused({ message, next: "" });

test("queryPages works on number keys, to and fro, and a cursor is refused before anything is sent", async () => {
  const items = [1, 2, 3, 10].map((at) => item("a", at));
  const { database, proxy } = await openTable([...items, item("b", 1)]);
  const range = { partitionKey: { name: "id", value: "a" } };
  const query = { range, pattern: "p", input: {} };
  expect((await queryPages(database, query)).items).toEqual(items);
  const first = await queryPages(database, { ...query, descending: true, input: { limit: 3 } });
  expect(first.items).toEqual([...items].reverse().slice(0, 3));
  const rest = { ...query, descending: true, input: { cursor: first.cursor } };
  expect(await queryPages(database, rest)).toEqual({ items: items.slice(0, 1) });
  const sent = proxy.requests.length;
  await expect(queryPages(database, { ...rest, pattern: "q" })).rejects.toMatchObject({
    code: "invalid-cursor",
  });
  expect(proxy.requests).toHaveLength(sent);
});

test("every request asks for the capacity it consumed, so that the meter sees it", async () => {
  const { database, meter } = await openTable([item("a", 1)]);
  const units: number[] = [];
  const measure = async (work: Promise<unknown>) => {
    const before = meter.read().consumedUnits;
    await work;
    units.push(meter.read().consumedUnits - before);
  };
  const range = { partitionKey: { name: "id", value: "a" } };
  await measure(queryPages(database, { range, pattern: "p", input: {} }));
  await measure(batchGetAll(database, [{ id: "a", at: 1 }]));
  await measure(transactWrite(database, { put: { Put: { Item: item("c", 1) } } }, () => refused("never")));
  // Half a unit for an eventually consistent read of up to 4 KB; an engine may charge a transaction its own way.
  expect(units.slice(0, 2)).toEqual([0.5, 0.5]);
  expect(units[2]).toBeGreaterThan(0);
});

test("batchGetAll answers each key in its place: missing ones, the same key twice, more than 100", async () => {
  const items = Array.from({ length: 130 }, (_, index) => item("a", index));
  const { database } = await openTable(items);
  const keys = [
    ...items.map(({ id, at }) => ({ id, at })).reverse(),
    { id: "gone", at: 1 },
    { id: "a", at: 5 },
  ];
  expect(await batchGetAll(database, keys)).toEqual([...items.reverse(), undefined, item("a", 5)]);
  expect(await batchGetAll(database, [])).toEqual([]);
});

test("batchGetAll gives up when keys stay unprocessed, and says how many", async () => {
  const fault = { kind: "unprocessedKeys" } as const;
  const { database, proxy } = await openTable([], { operation: "BatchGetItem", fault });
  const keys = [
    { id: "a", at: 1 },
    { id: "a", at: 2 },
  ];
  await expect(batchGetAll(database, keys, { standstillMs: 300 })).rejects.toMatchObject({
    code: "unread-keys",
    exitCode: 3,
    facts: { unread: 2 },
  });
  expect(proxy.requests.length).toBeGreaterThan(2);
});

test("persist ends a fruitless wait for others with an error of its own, and keeps the cause", async () => {
  const { database } = await openTable([]);
  const conflict = new TransactionCanceledException({
    message: "cancelled",
    $metadata: {},
    CancellationReasons: [{ Code: "None" }, { Code: "TransactionConflict" }],
  });
  let attempts = 0;
  const operation = async () => {
    attempts += 1;
    throw conflict;
  };
  await expect(persist(database, operation, { contentionMs: 200 })).rejects.toMatchObject({
    code: "contended",
    exitCode: 3,
    cause: conflict,
  });
  expect(attempts).toBeGreaterThan(1);
});

test("transactWrite sends all its attempts with one token, and another transaction with another", async () => {
  const { database, proxy } = await openTable(
    [],
    { operation: "TransactWriteItems", nth: 1, fault: { kind: "conflict" } },
    { operation: "TransactWriteItems", nth: 2, fault: { kind: "loseAnswer" } },
    { operation: "TransactWriteItems", nth: 3, fault: { kind: "throttle" } },
  );
  const put = { put: { Put: { Item: item("a", 1), ConditionExpression: "attribute_not_exists(id)" } } };
  await transactWrite(database, put, () => refused("exists"));
  await expect(transactWrite(database, put, () => refused("exists"))).rejects.toThrow("exists");
  const tokens = proxy.requests.map(({ body }) => body.ClientRequestToken);
  expect(tokens).toHaveLength(5);
  expect(new Set(tokens.slice(0, 4)).size).toBe(1);
  expect(new Set(tokens).size).toBe(2);
});

test("transactWrite tells by name which conditions failed, with the items as they stand", async () => {
  const { database } = await openTable([item("there", 1)]);
  const condition = "attribute_exists(id) AND attribute_not_exists(#text)";
  const check = (id: string) => ({
    ConditionCheck: {
      Key: { id, at: 1 },
      ConditionExpression: condition,
      ExpressionAttributeNames: { "#text": "text" },
    },
  });
  const actions = {
    fine: { Put: { Item: item("new", 1) } },
    there: check("there"),
    gone: check("gone"),
  };
  const seen = (item: object | undefined) => item && Object.keys(item).sort();
  const work = transactWrite(database, actions, (failed) =>
    refused(JSON.stringify([...failed].map(([name, found]) => [name, seen(found)]))),
  );
  await expect(work).rejects.toThrow('[["there",["at","id","text"]],["gone",null]]');
});

const pathMessage = "The document path provided in the update expression is invalid for update";
const cancelledBy = (...CancellationReasons: { Code: string; Message?: string }[]) =>
  new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons });
const named = (name: string, message: string) => Object.assign(new Error(message), { name });

test.each([
  ["AWS's reason", cancelledBy({ Code: "None" }, { Code: "ValidationError", Message: pathMessage }), true],
  ["DynamoDB Local's bare answer", named("ValidationException", pathMessage), true],
  ["another validation error", named("ValidationException", "Type mismatch for attribute"), false],
  ["another reason", cancelledBy({ Code: "ValidationError", Message: "Type mismatch" }), false],
  ["a conflict", cancelledBy({ Code: "TransactionConflict" }), false],
  ["nothing of the kind", named("Error", pathMessage), false],
])("a missing path in %s is told: %#", (_, error, expected) => {
  expect(isMissingPathError(error)).toBe(expected);
});
