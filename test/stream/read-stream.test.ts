import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, startEngine } from "../../src/engine/start-engine.ts";
import { StreamGoneError } from "../../src/stream/errors.ts";
import type { ShardPosition } from "../../src/stream/read-shard.ts";
import { type ReadStreamOptions, readStream } from "../../src/stream/read-stream.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { resharding } from "../faults/resharding.ts";
import { eventually } from "../support/processes.ts";
import { testClient } from "../support/tables.ts";
import { createStreamingTable, follow, streamsClient } from "./support.ts";

// An engine of its own: DynamoDB Local slows down for everybody once several tables write streams.
let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ engine: "dynamodb-local", shortLived: true });
});
afterAll(() => engine.stop());

/** A streaming table, and a way to read its stream through a proxy with rules. */
async function setUp(rules: readonly FaultRule[] = []) {
  const { client } = testClient(engine.endpoint);
  const { table, streamArn } = await createStreamingTable(client);
  const proxy = await startFaultProxy(engine.endpoint, { rules });
  const seen: { shardId: string; fan: number }[] = [];
  const finished: string[] = [];
  const gaps: string[] = [];
  const stop = new AbortController();
  const read = (options: Partial<ReadStreamOptions> = {}) =>
    readStream({
      client: streamsClient(proxy.endpoint),
      streamArn,
      positions: new Map<string, ShardPosition>(),
      finished: new Set<string>(),
      limit: 4,
      once: true,
      signal: stop.signal,
      idleMs: 5,
      refreshMs: 20,
      onGap: (shardId) => gaps.push(shardId),
      async onPage({ shardId, records, finished: ended }) {
        for (const { dynamodb } of records) {
          seen.push({ shardId, fan: Number(dynamodb?.NewImage?.followingUser?.S?.replace("fan-", "")) });
        }
        if (ended) finished.push(shardId);
      },
      ...options,
    });
  const fans = () => seen.map(({ fan }) => fan);
  const write = (from: number, to: number) => follow(client, table, from, to);
  return { client, table, streamArn, proxy, read, seen, fans, finished, gaps, stop, write };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

test("a stream is read in order, page by page, to where it stands", async () => {
  const { read, write, fans, finished, proxy } = await setUp();
  await write(1, 10);
  await read();
  expect(fans()).toEqual(upTo(10));
  expect(finished).toEqual([]);
  const limits = proxy.requests
    .filter(({ operation }) => operation === "GetRecords")
    .map(({ body }) => body.Limit);
  expect(new Set(limits)).toEqual(new Set([4]));
});

test("a stream that is switched off is read to its end, and that is that", { timeout: 20_000 }, async () => {
  const { client, table, read, write, fans, finished } = await setUp();
  await write(1, 3);
  await client.send(
    new UpdateTableCommand({ TableName: table, StreamSpecification: { StreamEnabled: false } }),
  );
  await read({ once: false });
  expect(fans()).toEqual(upTo(3));
  expect(finished).toHaveLength(1);
});

test("what comes while a stream is read is read too, until it is stopped", async () => {
  const { read, write, fans, stop } = await setUp();
  const reason = new Error("enough");
  const reading = read({ once: false }).catch((error: unknown) => error);
  await write(1, 5);
  await eventually(() => fans().length === 5, "five records");
  await write(6, 7);
  await eventually(() => fans().length === 7, "two more");
  stop.abort(reason);
  expect(await reading).toBe(reason);
});

test("reading goes on behind a record, and in no shard that is finished", async () => {
  const { read, write, fans, seen } = await setUp();
  await write(1, 6);
  const sequence: string[] = [];
  await read({
    async onPage({ shardId, records }) {
      sequence.push(...records.map(({ dynamodb }) => String(dynamodb?.SequenceNumber)));
      seen.push({ shardId, fan: 0 });
    },
  });
  const shardId = String(seen[0]?.shardId);
  seen.length = 0;
  await read({ positions: new Map([[shardId, { after: String(sequence[3]) }]]) });
  expect(fans()).toEqual([5, 6]);
  await read({ positions: new Map([[shardId, "newest"]]) });
  await read({ finished: new Set([shardId]) });
  expect(fans()).toEqual([5, 6]);
});

test("a stream that is resharded is read whole, each shard after its parent, new ones as they come", async () => {
  const { read, write, seen, fans, finished, stop } = await setUp(resharding(engine.endpoint, 6, 14));
  await write(1, 4);
  const reading = read({ once: false }).catch(() => {});
  await eventually(() => fans().length === 4, "the parent's first records");
  await write(5, 25);
  await eventually(() => fans().length === 25, "the records of all shards");
  stop.abort();
  await reading;
  expect(sorted(fans())).toEqual(upTo(25));
  expect(finished).toEqual(["shardId-parent", "shardId-child-1"]);
  const shards = [...new Set(seen.map(({ shardId }) => shardId))];
  expect(shards.sort()).toEqual([
    "shardId-child-0",
    "shardId-child-1",
    "shardId-grandchild",
    "shardId-parent",
  ]);
  for (const shard of shards) {
    const own = seen.filter(({ shardId }) => shardId === shard).map(({ fan }) => fan);
    expect(own).toEqual(sorted(own));
  }
  const places = (shard: string) => seen.flatMap(({ shardId }, place) => (shardId === shard ? [place] : []));
  expect(Math.max(...places("shardId-parent"))).toBe(5);
  expect(Math.max(...places("shardId-child-1"))).toBeLessThan(Math.min(...places("shardId-grandchild")));
});

test("a resharded stream that stands still is read once, to the end of every shard", async () => {
  const { read, write, fans } = await setUp(resharding(engine.endpoint, 6, 14));
  await write(1, 25);
  await read();
  expect(sorted(fans())).toEqual(upTo(25));
});

test("iterators that expire are replaced, and no record is lost or read twice", async () => {
  const { read, write, fans, proxy } = await setUp([
    {
      operation: "GetRecords",
      nth: [1, 2, 4, 5, 7],
      fault: { kind: "error", name: "ExpiredIteratorException" },
    },
  ]);
  await write(1, 12);
  await read();
  expect(fans()).toEqual(upTo(12));
  expect(proxy.requests.filter(({ fault }) => fault === "error")).toHaveLength(5);
});

test.each(["DescribeStream", "GetShardIterator", "GetRecords"])(
  "throttles and failures of %s are waited out",
  async (operation) => {
    const { read, write, fans, proxy } = await setUp([
      { operation, nth: 1, fault: { kind: "error", name: "LimitExceededException" } },
      { operation, nth: 2, fault: { kind: "failBefore" } },
      { operation, nth: 3, fault: { kind: "resetBefore" } },
    ]);
    await write(1, 12);
    await read();
    expect(fans()).toEqual(upTo(12));
    expect(proxy.requests.filter(({ fault }) => fault !== undefined)).toHaveLength(3);
  },
);

test("a place whose records were trimmed is a gap: told, and read on from what is left", async () => {
  const { read, write, fans, gaps } = await setUp([
    {
      operation: "GetShardIterator",
      where: ({ body }) => body.ShardIteratorType === "AFTER_SEQUENCE_NUMBER",
      fault: { kind: "error", name: "TrimmedDataAccessException" },
    },
    { operation: "GetRecords", nth: 1, fault: { kind: "error", name: "ExpiredIteratorException" } },
  ]);
  await write(1, 3);
  const shards: string[] = [];
  await read({ onPage: async ({ shardId }) => void shards.push(shardId) });
  const shardId = String(shards[0]);
  await read({ positions: new Map([[shardId, { after: "000000000000000000001" }]]) });
  expect(gaps).toEqual([shardId]);
  expect(fans()).toEqual(upTo(3));
});

test("a page that cannot be handled ends the reading, in every shard", async () => {
  const { read, write } = await setUp(resharding(engine.endpoint, 2, 100));
  await write(1, 20);
  const pages: string[] = [];
  const failure = new Error("cannot be handled");
  const reading = read({
    once: false,
    async onPage({ shardId }) {
      pages.push(shardId);
      if (shardId === "shardId-child-0") throw failure;
    },
  });
  await expect(reading).rejects.toBe(failure);
});

test("a stream that is gone is told", async () => {
  const { read, streamArn } = await setUp();
  await expect(read({ streamArn: streamArn.replace("/streaming-", "/gone-") })).rejects.toBeInstanceOf(
    StreamGoneError,
  );
});

test("a credential that is refused is not waited out", async () => {
  const { read } = await setUp([
    { operation: "DescribeStream", fault: { kind: "error", name: "UnrecognizedClientException" } },
  ]);
  await expect(read()).rejects.toThrow(/UnrecognizedClientException/);
});
