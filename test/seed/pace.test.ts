import { join } from "node:path";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, it } from "vitest";
import { UnreachableError } from "../../src/dynamo/errors.ts";
import { parseRate } from "../../src/dynamo/pace/rate-limit.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { type FileLoadOptions, loadFile } from "../../src/seed/load/load-file.ts";
import { paceLoad } from "../../src/seed/load/pace-load.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { allItems, createTestTable, testClient, testWire } from "../support/tables.ts";
import { design, seedFile, temporaryFolder } from "./support.ts";

const QUICK = { baseMs: 1, capMs: 20 };

/** A paced load of `count` items of two write units each: table and index take one each. */
async function setUp(rules: FaultRule[], rate: readonly string[] | undefined, count: number) {
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
  const line = (index: number) => `{"PK":"key-${index}","SK":${index},"owner":"o${index % 7}"}`;
  const file = seedFile(Array.from({ length: count }, (_, index) => line(index)).join("\n"));
  const checked = await checkSeedFile(file, design);
  const rejectsFile = join(temporaryFolder(), "rejects.jsonl");
  const load = (options: FileLoadOptions = {}) =>
    loadFile(
      { writer: pace.writer, table, keys: design, file, checked, rejectsFile },
      { backoff: QUICK, onStop: pace.stop, ...options },
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

  it("a fifth of each batch left over does not slow it down to nothing", async () => {
    const share = { operation: "BatchWriteItem", fault: { kind: "unprocessedItems", share: 0.2 } } as const;
    const { load, stored } = await setUp([share], undefined, 300);
    const result = await load();
    expect(result).toMatchObject({ read: 300, written: 300, stop: undefined });
    expect(result.seconds).toBeLessThan(15);
    expect(await stored()).toBe(300);
  });
});
