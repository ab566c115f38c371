import {
  BatchWriteItemCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { createClient } from "../../src/dynamo/client.ts";
import { describeTable, indexDesignOf } from "../../src/dynamo/describe.ts";
import { scanSegments } from "../../src/dynamo/scan.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { type Engine, startEngine } from "../../src/engine/start-engine.ts";
import { createTableInput, createTestTable, putItems, uniqueName } from "../support/tables.ts";

/** In what the engines differ, as far as this project depends on it. Each flag has its own test below. */
interface Capabilities {
  /** DescribeTable tells a TableId, so that a table made anew under the same name can be told apart. */
  tableId: boolean;
  /** A bad document path inside a transaction is reported as the transaction's own error, as AWS does. */
  pathErrorCancelsTransaction: boolean;
}

const ENGINES = [
  ["dynamodb-local", { tableId: false, pathErrorCancelsTransaction: false }],
  ["dynoxide", { tableId: true, pathErrorCancelsTransaction: true }],
] as const satisfies readonly (readonly [string, Capabilities])[];

const key = (pk: string, sk = "s") => ({ PK: { S: pk }, SK: { S: sk } });

describe.each(ENGINES)("%s", (name, capabilities) => {
  let engine: Engine;
  let client: DynamoDBClient;
  let table: string;

  beforeAll(async () => {
    engine = await startEngine({ engine: name });
    client = createClient(localTarget(engine.endpoint)).client;
    table = await createTestTable(client, quickPhotos);
  });
  afterAll(async () => {
    client.destroy();
    await engine.stop();
  });

  it("makes a table as designed", async () => {
    const description = await describeTable(client, table);
    expect(description && indexDesignOf(description, "InvertedIndex")).toEqual(
      quickPhotos.indexes.InvertedIndex,
    );
    expect(description?.BillingModeSummary?.BillingMode).toBe("PAY_PER_REQUEST");
    expect(await describeTable(client, uniqueName())).toBeUndefined();
  });

  it(`tells a TableId: ${capabilities.tableId}`, async () => {
    expect((await describeTable(client, table))?.TableId !== undefined).toBe(capabilities.tableId);
    expect((await describeTable(client, table))?.CreationDateTime).toBeInstanceOf(Date);
  });

  it("adds an index to a table that holds items", async () => {
    const bare = await createTestTable(client, quickPhotos, { indexes: false });
    await putItems(client, bare, [key("a", "turned"), key("b", "turned")]);
    const [index] = createTableInput(bare, quickPhotos).GlobalSecondaryIndexes ?? [];
    await client.send(
      new UpdateTableCommand({
        TableName: bare,
        AttributeDefinitions: createTableInput(bare, quickPhotos).AttributeDefinitions,
        GlobalSecondaryIndexUpdates: [{ Create: index }],
      }),
    );
    await waitUntilActive(client, bare, { pollMs: 20 });
    const answer = await client.send(
      new QueryCommand({
        TableName: bare,
        IndexName: "InvertedIndex",
        KeyConditionExpression: "SK = :sk",
        ExpressionAttributeValues: { ":sk": { S: "turned" } },
      }),
    );
    expect(answer.Items?.map((item) => item.PK?.S)).toEqual(["a", "b"]);
  });

  it("keeps 38 digits of a number and refuses 39", async () => {
    const digits = "12345678901234567890123456789012345678";
    await client.send(new PutItemCommand({ TableName: table, Item: { ...key("number"), n: { N: digits } } }));
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key("number") }));
    expect(Item?.n?.N).toBe(digits);
    const tooMany = new PutItemCommand({
      TableName: table,
      Item: { ...key("number"), n: { N: `${digits}9` } },
    });
    await expect(client.send(tooMany)).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("refuses a batch with one key twice, whole", async () => {
    const put = { PutRequest: { Item: key("twice") } };
    const batch = new BatchWriteItemCommand({ RequestItems: { [table]: [put, put] } });
    await expect(client.send(batch)).rejects.toMatchObject({ name: "ValidationException" });
    expect(
      (await client.send(new GetItemCommand({ TableName: table, Key: key("twice") }))).Item,
    ).toBeUndefined();
  });

  it("cancels a transaction whole, with a reason for each action and the item that stood in the way", async () => {
    await putItems(client, table, [key("taken")]);
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName: table, Item: key("free") } },
        {
          Put: {
            TableName: table,
            Item: key("taken"),
            ConditionExpression: "attribute_not_exists(PK)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
      ],
    });
    await expect(client.send(transaction)).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: key("taken") }],
    });
    expect(
      (await client.send(new GetItemCommand({ TableName: table, Key: key("free") }))).Item,
    ).toBeUndefined();
  });

  it("carries out a transaction once for one token", async () => {
    await putItems(client, table, [key("counted-once")]);
    const update = {
      TableName: table,
      Key: key("counted-once"),
      UpdateExpression: "ADD n :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    };
    for (let sent = 0; sent < 3; sent += 1) {
      await client.send(
        new TransactWriteItemsCommand({
          ClientRequestToken: "once-for-all",
          TransactItems: [{ Update: update }],
        }),
      );
    }
    expect(
      (await client.send(new GetItemCommand({ TableName: table, Key: key("counted-once") }))).Item?.n?.N,
    ).toBe("1");
  });

  it(`cancels a transaction with a bad document path by a reason: ${capabilities.pathErrorCancelsTransaction}`, async () => {
    await putItems(client, table, [key("no-map")]);
    const update = {
      TableName: table,
      Key: key("no-map"),
      UpdateExpression: "ADD reactions.heart :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    };
    await expect(client.send(new UpdateItemCommand(update))).rejects.toMatchObject({
      name: "ValidationException",
    });
    await expect(
      client.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: update }] })),
    ).rejects.toMatchObject(
      capabilities.pathErrorCancelsTransaction
        ? { name: "TransactionCanceledException", CancellationReasons: [{ Code: "ValidationError" }] }
        : { name: "ValidationException" },
    );
  });

  it("refuses a consistent read of an index", async () => {
    const query = new QueryCommand({
      TableName: table,
      IndexName: "InvertedIndex",
      ConsistentRead: true,
      KeyConditionExpression: "SK = :sk",
      ExpressionAttributeValues: { ":sk": { S: "s" } },
    });
    await expect(client.send(query)).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("sorts keys by their UTF-8 bytes", async () => {
    // JavaScript compares UTF-16 units and would put U+10000 first.
    await putItems(client, table, [key("sorted", "\u{10000}"), key("sorted", "\uFFFD")]);
    const { Items } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: "PK = :pk",
        ExpressionAttributeValues: { ":pk": { S: "sorted" } },
      }),
    );
    expect(Items?.map((item) => item.SK?.S)).toEqual(["\uFFFD", "\u{10000}"]);
  });

  it("scans every item once, over pages and segments", async () => {
    const crowd = await createTestTable(client, quickPhotos);
    // 100 items of 60 KB: more than one page of 1 MB in each of three segments.
    const text = "x".repeat(60_000);
    const items = Array.from({ length: 100 }, (_, index) => ({ ...key(`p${index}`), text: { S: text } }));
    await putItems(client, crowd, items);
    for (const segments of [1, 3]) {
      const seen: string[] = [];
      const totals = await scanSegments(client, { table: crowd, segments }, (page) => {
        seen.push(...page.map((item) => item.PK?.S ?? ""));
      });
      expect(totals.items).toBe(100);
      expect(totals.pages).toBeGreaterThan(segments);
      expect(seen.sort()).toEqual(items.map((item) => item.PK.S).sort());
    }
    expect((await scanSegments(client, { table: crowd, countOnly: true }, () => {})).items).toBe(100);
  });

  it("a failing sink stops a scan with its own error", async () => {
    const failure = new Error("the sink is full");
    const scan = scanSegments(client, { table, segments: 4 }, () => Promise.reject(failure));
    await expect(scan).rejects.toBe(failure);
  });

  it("refuses to delete a protected table", async () => {
    const guarded = await createTestTable(client, quickPhotos);
    await client.send(new UpdateTableCommand({ TableName: guarded, DeletionProtectionEnabled: true }));
    await expect(client.send(new DeleteTableCommand({ TableName: guarded }))).rejects.toMatchObject({
      name: "ValidationException",
    });
  });
});
