import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  ListTablesCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { writeItems } from "../../bench/seed/data.ts";
import { readBatch } from "../../bench/seed/sink/batch-request.ts";
import { DEFAULT_SINK, type Sink, type SinkSettings, startSink } from "../../bench/seed/sink/sink.ts";
import { seedCommand } from "../../src/commands/seed.ts";
import { DUMMY_CREDENTIALS } from "../../src/dynamo/client.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { temporaryFolder } from "../seed/support.ts";
import { runCommand } from "../support/run-command.ts";
import { createTestTable, testClient, uniqueName } from "../support/tables.ts";

const design = {
  model: "sunk",
  partitionKey: { name: "PK", type: "S" },
  sortKey: { name: "SK", type: "S" },
  indexes: {},
} as const;

async function sinkFor(settings: Partial<SinkSettings> = {}): Promise<Sink> {
  const sink = await startSink({ ...DEFAULT_SINK, ...settings });
  onTestFinished(() => sink.close());
  return sink;
}

const item = (n: number, more: StoredItem = {}): StoredItem => ({
  PK: { S: `key-${n}` },
  SK: { S: "a" },
  ...more,
});
const items = (count: number) => Array.from({ length: count }, (_, n) => item(n));

const batchOf = (table: string, batch: readonly StoredItem[]) =>
  new BatchWriteItemCommand({ RequestItems: { [table]: batch.map((Item) => ({ PutRequest: { Item } })) } });

/** The name of the exception that a request ends with. */
const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: Error) => error.name,
  );

/** A file of these plain objects. */
function fileOf(...objects: object[]): string {
  const file = join(temporaryFolder(), "items.jsonl");
  writeFileSync(file, objects.map((object) => `${JSON.stringify(object)}\n`).join(""));
  return file;
}

describe.each(["the sink", "DynamoDB Local"])("%s refuses", (place) => {
  async function refusals(batches: readonly (readonly StoredItem[])[]): Promise<string[]> {
    const table = uniqueName(design.model);
    const isSink = place === "the sink";
    const { client } = testClient(isSink ? (await sinkFor({ table })).endpoint : inject("endpoint"));
    if (!isSink) await createTestTable(client, design, { name: table });
    return Promise.all(batches.map((batch) => refusalOf(client.send(batchOf(table, batch)))));
  }

  it("26 items, a key twice, a missing, an empty and a wrong key, and 400 KB; and nothing else", async () => {
    const batches = [
      items(26),
      [item(1), item(2), item(1)],
      [item(1), { PK: { S: "key" } }],
      [item(1, { SK: { S: "" } })],
      [item(1, { SK: { N: "1" } })],
      [item(1, { large: { S: "x".repeat(400 * 1024) } })],
      [item(1, { large: { S: "x".repeat(399 * 1024) } })],
      items(25),
    ];
    const refused = new Array(6).fill("ValidationException");
    expect(await refusals(batches)).toEqual([...refused, "none", "none"]);
  });

  it("a request without a signature", async () => {
    const endpoint = place === "the sink" ? (await sinkFor()).endpoint : inject("endpoint");
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: { "x-amz-target": "DynamoDB_20120810.ListTables" },
      body: "{}",
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("MissingAuthenticationToken");
  });
});

it("the sink takes the SDK's signature, and where it looks at the whole of it, no other", async () => {
  const { endpoint } = await sinkFor({ signature: "whole" });
  const credentials = { ...DUMMY_CREDENTIALS, secretAccessKey: "another" };
  const forger = new DynamoDBClient({ endpoint, region: "eu-north-1", credentials, maxAttempts: 1 });
  onTestFinished(() => forger.destroy());
  const { client } = testClient(endpoint);
  const command = () => batchOf(DEFAULT_SINK.table, items(2));
  expect(await refusalOf(client.send(command()))).toBe("none");
  expect(await refusalOf(forger.send(command()))).toBe("InvalidSignatureException");
  expect(await refusalOf(client.send(new ListTablesCommand({})))).toBe("UnknownOperationException");
});

it("the sink tells what is missing, different and extra from what the file says", async () => {
  const sink = await sinkFor();
  const { client } = testClient(sink.endpoint);
  const plain = (n: number) => ({ PK: `key-${n}`, SK: "a", likes: n, tags: ["a", "b"] });
  const stored = (n: number, likes = n) =>
    item(n, { likes: { N: String(likes) }, tags: { L: [{ S: "a" }, { S: "b" }] } });
  await client.send(batchOf(DEFAULT_SINK.table, [stored(1, 7), stored(2, 7), stored(4)]));
  // The later write of a key is the one that counts.
  await client.send(new PutItemCommand({ TableName: DEFAULT_SINK.table, Item: stored(1) }));
  const report = await sink.report(fileOf(plain(1), plain(2), plain(3)));
  expect(report.comparison).toEqual({ stored: 3, missing: 1, different: 1, extra: 1 });
  expect(report).toMatchObject({ requests: 2, written: 4, unprocessed: 0 });
  sink.reset(DEFAULT_SINK);
  const fresh = await sink.report(fileOf(plain(1)));
  expect(fresh.comparison).toEqual({ stored: 0, missing: 1, different: 0, extra: 0 });
});

it("the sink leaves its share of items over, the same ones for a seed, and does not store them", async () => {
  const sink = await sinkFor();
  const { client } = testClient(sink.endpoint);
  const all = items(1_000);
  const load = async () => {
    sink.reset({ ...DEFAULT_SINK, unprocessed: 0.2, seed: 7 });
    const left: string[] = [];
    for (let start = 0; start < all.length; start += 25) {
      const { UnprocessedItems = {} } = await client.send(
        batchOf(DEFAULT_SINK.table, all.slice(start, start + 25)),
      );
      const requests = UnprocessedItems[DEFAULT_SINK.table] ?? [];
      left.push(...requests.map(({ PutRequest }) => PutRequest?.Item?.PK?.S ?? ""));
    }
    return left;
  };
  const left = await load();
  expect(left.length).toBeGreaterThan(150);
  expect(left.length).toBeLessThan(250);
  expect(await load()).toEqual(left);
  const file = fileOf(...all.map(({ PK, SK }) => ({ PK: PK?.S, SK: SK?.S })));
  const { comparison, unprocessed } = await sink.report(file);
  expect(unprocessed).toBe(left.length);
  expect(comparison).toEqual({ stored: 1_000 - left.length, missing: left.length, different: 0, extra: 0 });
});

it("the sink throttles a request of which nothing would be left, as DynamoDB does", async () => {
  const { endpoint } = await sinkFor({ unprocessed: 0.999_999 });
  const { client } = testClient(endpoint, { maxAttempts: 1 });
  expect(await refusalOf(client.send(batchOf(DEFAULT_SINK.table, items(2))))).toBe(
    "ProvisionedThroughputExceededException",
  );
});

it("the sink answers after its latency, to all that wait at once", async () => {
  const sink = await sinkFor({ latencyMs: 30 });
  const { client } = testClient(sink.endpoint);
  const startedAt = performance.now();
  await Promise.all([1, 2, 3, 4].map((n) => client.send(batchOf(DEFAULT_SINK.table, [item(n)]))));
  // Timers count whole milliseconds.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(29);
  expect((await sink.report()).mostAtOnce).toBe(4);
});

it("the sink reads requests however the network cuts them", async () => {
  const sink = await sinkFor();
  const request =
    "POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Length: 2\r\n\r\n{}";
  const socket = connect(Number(new URL(sink.endpoint).port), "127.0.0.1");
  onTestFinished(() => {
    socket.destroy();
  });
  socket.setNoDelay(true);
  let answers = "";
  const answered = new Promise<void>((resolve) => {
    socket.setEncoding("utf8").on("data", (text: string) => {
      answers += text;
      if (answers.split("HTTP/1.1 400").length > 3) resolve();
    });
  });
  const whole = request.repeat(3);
  const cuts = [0, 30, request.length - 1, request.length + 70, whole.length];
  for (const [index, start] of cuts.slice(0, -1).entries()) {
    await new Promise<void>((resolve) => {
      socket.write(whole.slice(start, cuts[index + 1]), () => resolve());
    });
  }
  await answered;
  expect((await sink.report()).refusals).toEqual({ MissingAuthenticationTokenException: 3 });
});

it("`tablewright seed` loads into the sink, through latency and leftovers, and nothing is lost", async () => {
  const sink = await sinkFor({ latencyMs: 1, unprocessed: 0.2, signature: "whole", withIndex: true });
  const file = join(temporaryFolder(), "items.jsonl");
  await writeItems(200, file);
  const args = ["seed", file, "--endpoint", sink.endpoint, "--proof", "none", "--json"];
  const { status, stdout } = await runCommand(seedCommand([]), args);
  expect(status, stdout).toBe(0);
  const { comparison, refusals } = await sink.report(file);
  expect(comparison).toEqual({ stored: 200, missing: 0, different: 0, extra: 0 });
  // An item that is sent alone may be left over, which is a throttle; nothing else is refused.
  expect(Object.keys(refusals).filter((name) => name !== "ProvisionedThroughputExceededException")).toEqual(
    [],
  );
});

const keyWord = fc.oneof(
  fc.string({ minLength: 1, maxLength: 4, unit: "grapheme" }),
  fc.constantFrom("a", "é", "\\", '"', "{[", "PK"),
);
const attribute = fc.letrec<{ value: object }>((tie) => ({
  value: fc.oneof(
    fc.record({ S: fc.oneof(keyWord, fc.constant("")) }),
    fc.record({ N: fc.integer().map(String) }),
    fc.record({ L: fc.array(tie("value"), { maxLength: 2 }) }),
    fc.record({
      M: fc.dictionary(fc.oneof(keyWord, fc.constantFrom("SK", "S")), tie("value"), { maxKeys: 2 }),
    }),
  ),
})).value;
const anyItem = fc
  .record({
    rest: fc.dictionary(
      keyWord.filter((name) => !["PK", "SK", "__proto__"].includes(name)),
      attribute,
      { maxKeys: 3 },
    ),
    PK: keyWord,
    SK: keyWord,
    isKeyFirst: fc.boolean(),
  })
  .map(({ rest, PK, SK, isKeyFirst }) => {
    const key = { PK: { S: PK }, SK: { S: SK } };
    return isKeyFirst ? { ...key, ...rest } : { ...rest, ...key };
  });

it("the sink's walk over a batch finds what a parser finds", () => {
  fc.assert(
    fc.property(
      fc.array(anyItem, { minLength: 1, maxLength: 4 }),
      fc.nat(2),
      fc.boolean(),
      (all, indent, asks) => {
        const entries = all.map((Item) => ({ PutRequest: { Item } }));
        const request = {
          RequestItems: { photos: entries },
          ...(asks && { ReturnConsumedCapacity: "TOTAL" }),
        };
        const batch = readBatch(Buffer.from(JSON.stringify(request, undefined, indent)), "photos");
        expect(batch.wantsCapacity).toBe(asks);
        expect(new Set(batch.keys).size).toBe(
          new Set(all.map(({ PK, SK }) => JSON.stringify([PK, SK]))).size,
        );
        const found = entries.map((_, n) => JSON.parse(Buffer.from(batch.entry(n), "latin1").toString()));
        expect(found).toEqual(JSON.parse(JSON.stringify(entries)));
      },
    ),
    { numRuns: 500 },
  );
});
