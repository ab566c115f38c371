import {
  BatchGetItemCommand,
  type DynamoDBClient,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, inject, test } from "vitest";
import quickPhotos from "../../../infra/tables/quick-photos.ts";
import { retryFailures } from "../../../src/dynamo/backoff.ts";
import { pacedClient } from "../../../src/dynamo/pace/paced-client.ts";
import { Pacer } from "../../../src/dynamo/pace/pacer.ts";
import { UNLIMITED } from "../../../src/dynamo/pace/rate-limit.ts";
import { scanPage } from "../../../src/dynamo/scan.ts";
import { type FaultRule, startFaultProxy } from "../../faults/proxy.ts";
import { FakeClock } from "../../ledger/support.ts";
import { smallTable } from "../../migrate/photos.ts";
import { createTestTable, putItems, testClient } from "../../support/tables.ts";

const INDEX = "InvertedIndex";

/** A table with an index behind a proxy, and a paced client of it on a clock of its own. */
async function bed(rules: readonly FaultRule[] = [], { maxAttempts = 1 } = {}) {
  const { client: plain } = testClient();
  const table = await createTestTable(plain, quickPhotos);
  await putItems(plain, table, smallTable(2));
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const { client } = testClient(proxy.endpoint, { maxAttempts });
  const clock = new FakeClock();
  const pacer = new Pacer({
    table,
    partitionKey: "PK",
    ceilings: UNLIMITED,
    clock,
    computeTransactions: true,
  });
  return { table, plain, proxy, client, clock, pacer, sender: pacedClient(client, pacer) };
}

const update = (table: string, user = "user0") =>
  new UpdateItemCommand({
    TableName: table,
    Key: { PK: { S: `USER#${user}` }, SK: { S: `#METADATA#${user}` } },
    UpdateExpression: "SET pace = :one",
    ExpressionAttributeValues: { ":one": { N: "1" } },
  });

test("units are those of the answers, for table and index; the caller's request stays as it was", async () => {
  const { table, proxy, pacer, sender } = await bed();
  const command = update(table);
  await sender.send(command);
  await sender.send(command);
  expect(command.input.ReturnConsumedCapacity).toBeUndefined();
  expect(proxy.requests.map(({ body }) => body.ReturnConsumedCapacity)).toEqual(["INDEXES", "INDEXES"]);
  // One unit each of table and index; the second changes nothing, so it is not written to the index.
  expect(pacer.totals).toMatchObject({ requests: 2, units: { read: 0, write: 3 }, throttles: 0 });
  await sender.send(
    new ScanCommand({ TableName: table, ReturnConsumedCapacity: "TOTAL", ConsistentRead: true }),
  );
  expect(pacer.totals).toMatchObject({ scanned: 12, units: { read: 1 } });
  const { TableName, Key, UpdateExpression, ExpressionAttributeValues } = update(table, "user1").input;
  const Update = { TableName, Key, UpdateExpression, ExpressionAttributeValues };
  await sender.send(new TransactWriteItemsCommand({ TransactItems: [{ Update }] }));
  expect(pacer.totals.units.write).toBe(5);
});

test("a page of a scan is as small as its items are written in some seconds, unless its caller says how large", async () => {
  const { table, proxy, pacer, sender } = await bed();
  const page = { table, segment: 0, segments: 1 };
  await scanPage(sender, page);
  pacer.setCeilings({ ...UNLIMITED, table: { read: Number.POSITIVE_INFINITY, write: 20 } });
  await scanPage(sender, page);
  await scanPage(sender, { ...page, limit: 7 });
  expect(proxy.requests.map(({ body }) => body.Limit)).toEqual([undefined, 100, 7]);
});

const reasonRule = (name: string, field: string, reason: string, index: string | undefined): FaultRule => {
  const resource = `arn:aws:dynamodb:eu-west-1:123456789012:table/t${index ? `/index/${index}` : ""}`;
  return { fault: { kind: "error", name, extra: { [field]: [{ reason, resource }] } }, times: 1 };
};

const LIMITS = {
  ProvisionedThroughputExceeded: "provisioned capacity",
  MaxOnDemandThroughputExceeded: "on-demand maximum",
  KeyRangeThroughputExceeded: "hot key",
  AccountLimitExceeded: "account limit",
} as const;

const REASONS = Object.entries(LIMITS).flatMap(([limit, text]) =>
  (["Table", "Index"] as const).flatMap((resource) =>
    (["Read", "Write"] as const).map((operation) => ({ reason: `${resource}${operation}${limit}`, text })),
  ),
);

test("each of the 16 reasons, on the wire, slows what it names", async () => {
  const { table, proxy, client, clock } = await bed();
  expect(REASONS).toHaveLength(16);
  for (const { reason, text } of REASONS) {
    const pacer = new Pacer({ table, partitionKey: "PK", ceilings: UNLIMITED, clock });
    const sender = pacedClient(client, pacer);
    const [isIndex, isRead] = [reason.startsWith("Index"), reason.includes("Read")];
    const send = () =>
      isRead
        ? sender.send(new ScanCommand({ TableName: table, Segment: 0, TotalSegments: 1 }))
        : sender.send(update(table));
    const error = isRead ? "ProvisionedThroughputExceededException" : "ThrottlingException";
    const field = isRead ? "ThrottlingReasons" : "throttlingReasons";
    proxy.setRules([reasonRule(error, field, reason, isIndex ? INDEX : undefined)]);
    await expect(send(), reason).rejects.toMatchObject({ name: error });
    const view = pacer.view();
    const place = isIndex ? `index ${INDEX}` : isRead ? "reads" : "writes";
    expect({ reason, throttled: view.throttled }).toEqual({ reason, throttled: `${place}, ${text}` });
    const account = reason.includes("Account");
    const whole = !isIndex && !reason.includes("KeyRange");
    const slowed = (own: boolean) => account || (whole && own);
    expect({
      reason,
      read: view.read.limit !== undefined,
      write: view.write.limit !== undefined,
    }).toEqual({ reason, read: slowed(isRead), write: slowed(!isRead) });
  }
});

test.each([
  ["ProvisionedThroughputExceededException", "writes, no reason given"],
  ["ThrottlingException", "writes, no reason given"],
  ["RequestLimitExceeded", "writes, account limit"],
])("%s without a reason slows the table", async (name, throttled) => {
  const { table, pacer, sender } = await bed([{ operation: "UpdateItem", fault: { kind: "error", name } }]);
  await expect(sender.send(update(table))).rejects.toMatchObject({ name });
  expect(pacer.view()).toMatchObject({ throttled, write: { limit: 1 } });
  // A throttled request has cost nothing.
  expect(pacer.totals).toMatchObject({ units: { write: 0 }, throttles: 1 });
});

test("so do a transaction cancelled for want of capacity and keys left unprocessed; a conflict does not", async () => {
  const { table, proxy, pacer, sender } = await bed();
  const Key = { PK: { S: "USER#user0" }, SK: { S: "#METADATA#user0" } };
  const ConditionCheck = { TableName: table, Key, ConditionExpression: "attribute_exists(PK)" };
  const transaction = () =>
    sender.send(new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck }] }));
  const name = "TransactionCanceledException";
  const cancelled = (Code: string): FaultRule[] => [
    { times: 1, fault: { kind: "error", name, extra: { CancellationReasons: [{ Code }] } } },
  ];
  proxy.setRules(cancelled("TransactionConflict"));
  await expect(transaction()).rejects.toThrow();
  expect(pacer.view()).toMatchObject({ throttled: undefined });
  proxy.setRules(cancelled("ThrottlingError"));
  await expect(transaction()).rejects.toThrow();
  expect(pacer.view()).toMatchObject({ throttled: "writes, no reason given", read: { limit: undefined } });
  proxy.setRules([{ times: 1, fault: { kind: "unprocessedKeys" } }]);
  await sender.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [Key] } } }));
  expect(pacer.view()).toMatchObject({
    throttled: "reads, no reason given",
    read: { limit: expect.any(Number) },
  });
});

test("each attempt of the SDK waits for its turn", async () => {
  const times = 2;
  const throttle = { kind: "throttle" } as const;
  const { table, proxy, clock, pacer, sender } = await bed(
    [{ operation: "UpdateItem", times, fault: throttle }],
    {
      maxAttempts: 3,
    },
  );
  const sent = sender.send(update(table));
  for (const attempt of [1, 2]) {
    // After a throttle there is one unit a second.
    await clock.slept(attempt);
    expect(proxy.requests).toHaveLength(attempt);
    clock.advance(2_000);
  }
  await sent;
  expect(proxy.requests).toHaveLength(3);
  expect(pacer.totals).toMatchObject({ requests: 3, throttles: 2 });
});

test("an index's throttle holds up those who write to it, and a request given up frees its place", async () => {
  const { table, proxy, pacer, sender, client, clock } = await bed();
  await sender.send(update(table));
  proxy.setRules([
    reasonRule("ThrottlingException", "throttlingReasons", "IndexWriteProvisionedThroughputExceeded", INDEX),
  ]);
  await expect(sender.send(update(table))).rejects.toThrow();
  await sender.send(new ScanCommand({ TableName: table }));
  const controller = new AbortController();
  const held = sender.send(update(table), { abortSignal: controller.signal });
  await waitFor(() => pacer.view().waitingFor !== undefined);
  expect(pacer.view().waitingFor).toBe(`write limit of ${INDEX}`);
  controller.abort(new Error("enough"));
  await expect(held).rejects.toThrow();
  clock.advance(1_000);
  expect(pacer.view().waitingFor).toBeUndefined();
  // Elsewhere nothing is paced.
  await (client as DynamoDBClient).send(update(table));
});

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test("time in which the pacer let nothing through is not held against a request's patience", async () => {
  const { table, clock, pacer, sender } = await bed([
    { operation: "UpdateItem", fault: { kind: "throttle" }, times: 2 },
  ]);
  let failures = 0;
  const onRetry = () => {
    failures += 1;
    if (failures === 1) pacer.pause("paused");
  };
  let isOver = false;
  const sent = retryFailures(() => sender.send(update(table)), { clock, deadlineMs: 10_000, onRetry });
  const settled = sent.finally(() => {
    isOver = true;
  });
  settled.catch(() => {});
  while (failures === 0) await new Promise((resolve) => setImmediate(resolve));
  // The second attempt comes, and waits for the end of the pause.
  for (let second = 0; second < 60; second += 1) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  pacer.resume();
  while (!isOver) {
    clock.advance(50);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await settled;
  expect(failures).toBe(2);
});
