import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { inject, test } from "vitest";
import { classifyFailure } from "../../src/dynamo/classify.ts";
import { describeTable } from "../../src/dynamo/describe.ts";
import type { TableDesign } from "../../src/dynamo/table-design.ts";
import { allItems, createTestTable, testClient, uniqueName } from "../support/tables.ts";
import { type Fault, type FaultRule, startFaultProxy } from "./proxy.ts";
import { staleDescriptions } from "./stale.ts";

const design: TableDesign = {
  model: "faults",
  partitionKey: { name: "PK", type: "S" },
  indexes: {},
};

async function setUp(rules: FaultRule[]) {
  const { client: direct } = testClient();
  const table = await createTestTable(direct, design);
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const { client } = testClient(proxy.endpoint, { maxAttempts: 1 });
  const keys = async () => (await allItems(direct, table)).map((item) => item.PK?.S).sort();
  return { direct, client, proxy, table, keys };
}

const put = (client: DynamoDBClient, table: string, key: string) =>
  client.send(new PutItemCommand({ TableName: table, Item: { PK: { S: key } } }));
const batch = (table: string, keys: readonly string[]) =>
  new BatchWriteItemCommand({
    RequestItems: { [table]: keys.map((key) => ({ PutRequest: { Item: { PK: { S: key } } } })) },
  });
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

test("a request that no rule touches goes through and is recorded", async ({ expect }) => {
  const { client, proxy, table, keys } = await setUp([{ operation: "Query", fault: { kind: "throttle" } }]);
  await put(client, table, "a");
  expect(await keys()).toEqual(["a"]);
  expect(proxy.requests).toMatchObject([
    {
      operation: "PutItem",
      nth: 1,
      fault: undefined,
      body: { TableName: table },
      applied: { TableName: table },
    },
  ]);
});

test.for<[string, Fault, string, boolean]>([
  ["a throttle", { kind: "throttle" }, "throttled", false],
  ["a failure before", { kind: "failBefore" }, "unavailable", false],
  ["a failure after", { kind: "failAfter" }, "unavailable", true],
  ["a reset before", { kind: "resetBefore" }, "unavailable", false],
  ["a lost answer", { kind: "loseAnswer" }, "unavailable", true],
  ["a late apply", { kind: "applyLate", milliseconds: 20 }, "unavailable", true],
  ["a conflict", { kind: "conflict" }, "conflict", false],
  ["an error by name", { kind: "error", name: "AccessDeniedException" }, "accessDenied", false],
])("%s", async ([, fault, kind, applied], { expect }) => {
  const { client, proxy, table, keys } = await setUp([{ operation: "PutItem", nth: 1, fault }]);
  expect(classifyFailure(await failure(put(client, table, "a")))).toBe(kind);
  await proxy.settled();
  expect(await keys()).toEqual(applied ? ["a"] : []);
  expect(proxy.requests[0]?.applied !== undefined).toBe(applied);
  await put(client, table, "b");
  expect(await keys()).toContain("b");
});

test("a share of a batch comes back unprocessed and is not applied", async ({ expect }) => {
  const { client, table, keys } = await setUp([
    { operation: "BatchWriteItem", fault: { kind: "unprocessedItems", share: 0.4 } },
  ]);
  const all = Array.from({ length: 25 }, (_, index) => `key-${index}`).sort();
  const { UnprocessedItems = {} } = await client.send(batch(table, all));
  const left = (UnprocessedItems[table] ?? []).map((write) => write.PutRequest?.Item?.PK?.S);
  expect(left.length).toBeGreaterThan(0);
  expect(left.length).toBeLessThan(25);
  expect([...left, ...(await keys())].sort()).toEqual(all);
});

test("chosen writes, or a whole batch, come back unprocessed", async ({ expect }) => {
  const isHot = (write: unknown) => JSON.stringify(write).includes("hot");
  const { client, proxy, table, keys } = await setUp([
    { operation: "BatchWriteItem", nth: 1, fault: { kind: "unprocessedItems" } },
    { operation: "BatchWriteItem", fault: { kind: "unprocessedItems", which: isHot } },
  ]);
  const whole = await client.send(batch(table, ["hot", "cold"]));
  expect(whole.UnprocessedItems?.[table]).toHaveLength(2);
  expect(proxy.requests[0]?.applied).toBeUndefined();
  const part = await client.send(batch(table, ["hot", "cold"]));
  expect(part.UnprocessedItems?.[table]).toEqual([{ PutRequest: { Item: { PK: { S: "hot" } } } }]);
  expect(await keys()).toEqual(["cold"]);
});

test("a transaction is cancelled by a conflict", async ({ expect }) => {
  const { client, table, keys } = await setUp([
    { operation: "TransactWriteItems", times: 1, fault: { kind: "conflict", at: 1 } },
  ]);
  const both = ["a", "b"].map((key) => ({ Put: { TableName: table, Item: { PK: { S: key } } } }));
  const transact = () => client.send(new TransactWriteItemsCommand({ TransactItems: both }));
  const error = await failure(transact());
  expect(error).toBeInstanceOf(TransactionCanceledException);
  expect((error as TransactionCanceledException).CancellationReasons?.map(({ Code }) => Code)).toEqual([
    "None",
    "TransactionConflict",
  ]);
  expect(await keys()).toEqual([]);
  await transact();
  expect(await keys()).toEqual(["a", "b"]);
});

test("an answer is replaced by another", async ({ expect }) => {
  const old = { status: 200, body: { Attributes: { PK: { S: "old" } } } };
  const { client, table, keys } = await setUp([
    { operation: "PutItem", times: 1, fault: { kind: "rewrite", change: () => old } },
  ]);
  expect((await put(client, table, "a")).Attributes).toEqual({ PK: { S: "old" } });
  expect((await put(client, table, "b")).Attributes).toBeUndefined();
  expect(await keys()).toEqual(["a", "b"]);
});

test("a description stays behind its table for some looks", async ({ expect }) => {
  const { direct, client, proxy } = await setUp([]);
  const table = uniqueName("stale");
  proxy.setRules([staleDescriptions(table, 2)]);
  const look = async () => (await describeTable(client, table))?.TableName;
  expect(await look()).toBeUndefined();
  await createTestTable(client, design, { name: table });
  expect(proxy.requests.filter(({ operation }) => operation === "DescribeTable")).toHaveLength(4);
  await client.send(new DeleteTableCommand({ TableName: table }));
  expect(await Promise.all([look(), look()])).toEqual([table, table]);
  expect(await look()).toBeUndefined();
  expect(await describeTable(direct, table)).toBeUndefined();
});

test("keys of a BatchGetItem come back unprocessed", async ({ expect }) => {
  const { client, table } = await setUp([
    { operation: "BatchGetItem", nth: 1, fault: { kind: "unprocessedKeys" } },
  ]);
  await put(client, table, "a");
  const RequestItems = { [table]: { Keys: [{ PK: { S: "a" } }], ConsistentRead: true } };
  const first = await client.send(new BatchGetItemCommand({ RequestItems }));
  expect(first.UnprocessedKeys).toEqual(RequestItems);
  const second = await client.send(new BatchGetItemCommand({ RequestItems: first.UnprocessedKeys }));
  expect(second.Responses?.[table]).toEqual([{ PK: { S: "a" } }]);
});

test("the same seed draws the same faults, in a share near the probability", async ({ expect }) => {
  const rules: FaultRule[] = [{ operation: "Scan", probability: 0.3, fault: { kind: "throttle" } }];
  const faultsOf = async () => {
    const { client, proxy, table } = await setUp(rules);
    for (let count = 0; count < 60; count += 1)
      await failure(client.send(new ScanCommand({ TableName: table })));
    return proxy.requests.map((request) => request.fault);
  };
  const first = await faultsOf();
  expect(await faultsOf()).toEqual(first);
  const drawn = first.filter((fault) => fault === "throttle").length;
  expect(drawn).toBeGreaterThan(8);
  expect(drawn).toBeLessThan(30);
});
