import { join } from "node:path";
import { CreateTableCommand, DescribeTableCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, it } from "vitest";
import { UnreachableError } from "../../src/dynamo/errors.ts";
import { parseRate } from "../../src/dynamo/pace/rate-limit.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { type FileLoadOptions, loadFile } from "../../src/seed/load/load-file.ts";
import { paceLoad } from "../../src/seed/load/pace-load.ts";
import { costing } from "../../src/seed/load/send-batch.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { FakeClock } from "../ledger/support.ts";
import { allItems, createTestTable, testClient, testWire, uniqueName } from "../support/tables.ts";
import { design, seedFile, temporaryFolder } from "./support.ts";

const QUICK = { baseMs: 1, capMs: 20 };

/** A paced load of `count` items of two write units each: table and index take one each. */
async function setUp(
  rules: FaultRule[],
  rate: readonly string[] | undefined,
  count: number,
  partition = (index: number) => `key-${index}`,
) {
  const { client: direct } = testClient();
  const table = await createTestTable(direct, design);
  const { Table: description = {} } = await direct.send(new DescribeTableCommand({ TableName: table }));
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const writer = testWire(proxy.endpoint);
  const where = {
    description,
    partitionKey: "PK",
    target: { kind: "local" },
    rate: rate && parseRate(rate),
  } as const;
  const pace = paceLoad({ writer, reader: direct }, where);
  const line = (index: number) => `{"PK":"${partition(index)}","SK":${index},"owner":"o${index % 7}"}`;
  const file = seedFile(Array.from({ length: count }, (_, index) => line(index)).join("\n"));
  const checked = await checkSeedFile(file, design);
  const rejectsFile = join(temporaryFolder(), "rejects.jsonl");
  const load = (options: FileLoadOptions = {}) =>
    loadFile(
      { writer: pace.writer, table, keys: design, file, checked, rejectsFile },
      { backoff: QUICK, onStop: pace.stop, hotKeyTurns: pace.hotKeyTurns, ...options },
    );
  const stored = async () => (await allItems(direct, table)).length;
  return { load, pace, proxy, stored };
}

const throttledBy = (reason: string, resource = "table/t"): FaultRule["fault"] => {
  const ThrottlingReasons = [{ reason, resource: `arn:aws:dynamodb:eu-west-1:123456789012:${resource}` }];
  return { kind: "error", name: "ProvisionedThroughputExceededException", extra: { ThrottlingReasons } };
};

describe("a load keeps to its rate:", () => {
  it("no more than so many units in a second, beside the burst of one second", async () => {
    const { load, stored } = await setUp([], ["50wcu"], 130);
    const result = await load({ concurrency: 4 });
    expect(result).toMatchObject({ read: 130, written: 130 });
    // 50 at once, and the other 80 at 50 a second, less the last batch, which may leave a debt.
    expect(result.seconds).toBeGreaterThan((130 - 50 - 25) / 50);
    expect(await stored()).toBe(130);
  });

  it("a stop does not wait for the rate: what had not been sent is unwritten, not unknown", async () => {
    const { load, stored } = await setUp([], ["1wcu"], 500);
    const stop = new AbortController();
    const onProgress = () => stop.abort(new UnreachableError("here", undefined));
    const result = await load({ concurrency: 4, signal: stop.signal, onProgress });
    expect(result.stop).toMatchObject({ kind: "interrupted" });
    expect(result).toMatchObject({ read: 500, unknown: 0, unwritten: 500 - result.written });
    expect(result.written).toBeGreaterThan(0);
    expect(result.seconds).toBeLessThan(20);
    expect(await stored()).toBe(result.written);
  });

  it("a share of capacity that the table does not have is refused", async () => {
    await expect(setUp([], ["50%"], 1)).rejects.toMatchObject({ code: "usage" });
  });
});

describe("throttles are understood:", () => {
  it.each([
    ["TableWriteProvisionedThroughputExceeded", "table/t", "writes, provisioned capacity"],
    ["TableWriteMaxOnDemandThroughputExceeded", "table/t", "writes, on-demand maximum"],
    ["TableWriteAccountLimitExceeded", "table/t", "writes, account limit"],
    ["TableWriteKeyRangeThroughputExceeded", "table/t", "writes, hot key"],
    [
      "IndexWriteProvisionedThroughputExceeded",
      "table/t/index/ByOwner",
      "index ByOwner, provisioned capacity",
    ],
  ])("%s of %s is %s, and nothing is lost", async (reason, resource, text) => {
    const fault = throttledBy(reason, resource);
    const { load, pace, stored } = await setUp(
      [{ operation: "BatchWriteItem", nth: 1, fault }],
      undefined,
      60,
    );
    const seen: (string | undefined)[] = [];
    const onProgress = () => seen.push(pace.view().throttled);
    expect(await load({ onProgress })).toMatchObject({ read: 60, written: 60, stop: undefined });
    expect(seen).toContain(text);
    expect(await stored()).toBe(60);
  });

  it("a hot key's leftovers have no reason, until it is written alone; the others go on meanwhile", async () => {
    const isHot = (write: unknown) => JSON.stringify(write).includes('"key-7"');
    const { load, pace, proxy, stored } = await setUp(
      [
        { operation: "BatchWriteItem", fault: { kind: "unprocessedItems", which: isHot } },
        { operation: "PutItem", fault: throttledBy("TableWriteKeyRangeThroughputExceeded") },
      ],
      undefined,
      200,
    );
    const seen: (string | undefined)[] = [];
    const onProgress = () => seen.push(pace.view().throttled);
    const result = await load({ retryDeadlineMs: 500, onProgress });
    expect(result).toMatchObject({ read: 200, written: 199, unwritten: 1 });
    expect(seen).toContain("writes, no reason given");
    expect(pace.view().throttled).toBe("writes, hot key");
    expect(proxy.requests.some(({ operation }) => operation === "PutItem")).toBe(true);
    // One key of many does not slow the table.
    expect(pace.view().write.limit).toBeUndefined();
    expect(await stored()).toBe(199);
  });

  const isHot = (write: unknown) => JSON.stringify(write).includes('"hot-');
  const HOT_KEY = throttledBy("TableWriteKeyRangeThroughputExceeded");

  it("items of a key that is hot for ever are unwritten, and all others are there", async () => {
    const { load, stored } = await setUp(
      [
        { operation: "BatchWriteItem", fault: { kind: "unprocessedItems", which: isHot } },
        { operation: "PutItem", where: ({ body }) => isHot(body), fault: HOT_KEY },
      ],
      undefined,
      600,
      (index) => (index % 60 === 0 ? "hot-0" : `key-${index}`),
    );
    const result = await load({ retryDeadlineMs: 800 });
    expect(result).toMatchObject({ read: 600, written: 590, unwritten: 10 });
    expect(await stored()).toBe(590);
  });

  it("twenty hot keys are each found, and all of their items are written", async () => {
    const { load, proxy, stored } = await setUp(
      [
        { operation: "BatchWriteItem", fault: { kind: "unprocessedItems", which: isHot } },
        { operation: "PutItem", where: ({ body }) => isHot(body), fault: HOT_KEY, times: 20 },
      ],
      undefined,
      300,
      (index) => (index % 15 === 0 ? `hot-${index}` : `key-${index}`),
    );
    const result = await load();
    expect(result).toMatchObject({ read: 300, written: 300, stop: undefined });
    const single = proxy.requests.filter(({ operation }) => operation === "PutItem");
    // Twenty refused, and each item once: no other item has to go alone.
    expect(single).toHaveLength(40);
    expect(await stored()).toBe(300);
  });

  it("a fifth of each batch left over does not slow it down to nothing", async () => {
    const share = { operation: "BatchWriteItem", fault: { kind: "unprocessedItems", share: 0.2 } } as const;
    const { load, stored } = await setUp([share], undefined, 300);
    const result = await load({ backoff: {} });
    expect(result).toMatchObject({ read: 300, written: 300, stop: undefined });
    expect(result.seconds).toBeLessThan(5);
    expect(await stored()).toBe(300);
  });
});

it("a share of the capacity follows it while the load goes on: each minute, and sooner after a throttle for it", async () => {
  const { client } = testClient();
  const TableName = uniqueName("provisioned");
  const provisioned = (units: number) => ({ ReadCapacityUnits: units, WriteCapacityUnits: units });
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: "PK", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "PK", AttributeType: "S" }],
      ProvisionedThroughput: provisioned(100),
    }),
  );
  const provision = (units: number) =>
    client.send(new UpdateTableCommand({ TableName, ProvisionedThroughput: provisioned(units) }));
  const { Table: description = {} } = await client.send(new DescribeTableCommand({ TableName }));
  const proxy = await startFaultProxy(inject("endpoint"), { rules: [] });
  const clock = new FakeClock();
  const rate = parseRate(["50%"]);
  const place = { description, partitionKey: "PK", target: { kind: "local" }, rate } as const;
  const pace = paceLoad({ writer: testWire(proxy.endpoint), reader: client }, place, clock);
  const put = async () => {
    const body = Buffer.from(JSON.stringify({ TableName, Item: { PK: { S: "a" } } }));
    await pace.writer.send("PutItem", body, costing("PutItem", [{ partition: "a" }]));
  };
  await put();
  await provision(200);
  clock.advance(59_000);
  await put();
  expect(pace.view().write.limit).toBe(50);
  clock.advance(1_000);
  await put();
  expect(pace.view().write.limit).toBe(100);
  await provision(300);
  proxy.setRules([{ fault: throttledBy("TableWriteProvisionedThroughputExceeded"), times: 1 }]);
  await expect(put()).rejects.toThrow();
  clock.advance(5_000);
  await put();
  // Less than a minute after the second look: long enough to have recovered from the throttle.
  clock.advance(54_000);
  await put();
  expect(pace.view().write.limit).toBe(150);
});
