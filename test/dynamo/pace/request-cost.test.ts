import { expect, test } from "vitest";
import { type PacedRequest, pacedRequest } from "../../../src/dynamo/pace/request.ts";
import { RequestCosts, TABLE } from "../../../src/dynamo/pace/request-cost.ts";

const T = "table";
const look = (command: string, input: object) => pacedRequest(T, "PK", command, input) as PacedRequest;
const key = (name: string) => ({ PK: { S: name }, SK: { S: "x" } });
const write = (name: string) => ({ TableName: T, Key: key(name), UpdateExpression: "SET a = :a" });
const reported = (table: number, indexes: Record<string, number> = {}) => ({
  ConsumedCapacity: {
    TableName: T,
    CapacityUnits: table,
    Table: { CapacityUnits: table },
    GlobalSecondaryIndexes: Object.fromEntries(
      Object.entries(indexes).map(([name, units]) => [name, { CapacityUnits: units }]),
    ),
  },
});

test("requests are told apart by table, direction, actions and keys", () => {
  expect(pacedRequest(T, "PK", "DescribeTableCommand", { TableName: T })).toBeUndefined();
  expect(pacedRequest(T, "PK", "UpdateItemCommand", { TableName: "other", Key: key("a") })).toBeUndefined();
  expect(
    look("ScanCommand", { TableName: T, Segment: 3, TotalSegments: 8, ConsistentRead: true }),
  ).toMatchObject({
    direction: "read",
    isPage: true,
    isConsistent: true,
    groups: ["segment 3 of 8"],
  });
  const transaction = look("TransactWriteItemsCommand", {
    TransactItems: [{ Update: write("a") }, { ConditionCheck: write("b") }, { Put: { TableName: "other" } }],
  });
  expect(transaction).toMatchObject({ direction: "write", actions: 2, factor: 2 });
  expect(transaction.groups).toHaveLength(2);
  const reads = { [T]: { Keys: [key("a"), key("b"), key("a")], ConsistentRead: true } };
  expect(look("BatchGetItemCommand", { RequestItems: reads })).toMatchObject({
    actions: 3,
    isConsistent: true,
  });
  const writes = { [T]: [{ PutRequest: { Item: key("a") } }, { DeleteRequest: { Key: key("b") } }] };
  const batch = look("BatchWriteItemCommand", { RequestItems: writes });
  expect(batch).toMatchObject({ direction: "write", actions: 2 });
  expect(batch.groups).toHaveLength(2);
});

test("the first of a shape is guessed, the next go by what the others have cost", () => {
  const costs = new RequestCosts(T);
  const update = look("UpdateItemCommand", write("a"));
  const scan = look("ScanCommand", { TableName: T, ConsistentRead: true });
  expect(costs.estimate(update)).toEqual(new Map([[TABLE, 1]]));
  expect(costs.estimate(scan)).toEqual(new Map([[TABLE, 256]]));
  // 100 items in 50 units of 4 KB: 2 KB an item, and so 2 units a write.
  costs.learn(scan, { ...reported(50), ScannedCount: 100 });
  expect(costs.estimate(scan)).toEqual(new Map([[TABLE, 50]]));
  expect(costs.estimate(update)).toEqual(new Map([[TABLE, 2]]));
  costs.learn(update, reported(4, { GSI: 3 }));
  costs.learn(update, reported(4));
  expect(costs.estimate(update).get(TABLE)).toBeCloseTo(4);
  expect(costs.estimate(update).get("GSI")).toBeCloseTo(2.1);
});

test("a transaction's cost is computed where its report is not to be believed", () => {
  const items = Array.from({ length: 100 }, (_, n) => ({ Update: write(`k${n}`) }));
  const transaction = look("TransactWriteItemsCommand", { TransactItems: items });
  const answer = { ConsumedCapacity: [{ TableName: T, CapacityUnits: 4, Table: { CapacityUnits: 4 } }] };
  expect(new RequestCosts(T).learn(transaction, answer)).toEqual(new Map([[TABLE, 4]]));
  const computing = new RequestCosts(T, { computeTransactions: true });
  expect(computing.learn(transaction, answer)).toEqual(new Map([[TABLE, 200]]));
});

test("what an answer does not say stays as it was thought", () => {
  const costs = new RequestCosts(T);
  const update = look("UpdateItemCommand", write("a"));
  expect(costs.learn(update, {})).toBeUndefined();
  // An engine that gives a total only.
  expect(costs.learn(update, { ConsumedCapacity: { TableName: T, CapacityUnits: 3 } })).toEqual(
    new Map([[TABLE, 3]]),
  );
});
