/**
 * Compares a backfill's items/s with those of a plain loop of UpdateItem, at the same concurrency on the
 * same engine: `npm run bench:backfill -- [items] [rounds]`. The plain loop scans for the same items and
 * updates each without a condition: it has no history, cannot be taken up after a crash, and loses what
 * others write meanwhile. A third loop, the same with the conditions that lose nothing, shows how much of the
 * difference the engine takes to judge them. The backfill's time has everything in it: the lease, the checkpoints, and the
 * second pass that finds nothing left.
 */
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import pLimit from "p-limit";
import { createClient } from "../../src/dynamo/client.ts";
import { describeTable } from "../../src/dynamo/describe.ts";
import { OPEN_VIEW } from "../../src/dynamo/item-view.ts";
import { type StoredItem, scanSegments } from "../../src/dynamo/scan.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { startEngine } from "../../src/engine/start-engine.ts";
import { identityOf, openLedger, withLease } from "../../src/ledger/index.ts";
import { silentLog } from "../../src/log.ts";
import { backfill } from "../../src/migrate/index.ts";
import { Progress } from "../../src/migrate/progress.ts";
import { backfillKind } from "../../src/migrate/steps/backfill.ts";
import { silenceSdkVersionWarning } from "../../src/settings.ts";
import { inTurn, withSpread } from "../statistics.ts";

const CONCURRENCY = 16;
const LEDGER = "bench-ledger";
const WARM_UP = 400;

const step = backfill({ id: "fill", where: { SK: { beginsWith: "#METADATA#" } }, set: { level: 1 } });

const user = (n: number): StoredItem => ({
  PK: { S: `USER#u${n}` },
  SK: { S: `#METADATA#u${n}` },
  username: { S: `u${n}` },
  bio: { S: "x".repeat(200) },
});

let tables = 0;

async function freshTable(client: DynamoDBClient, items: number): Promise<string> {
  tables += 1;
  const table = `bench-${tables}`;
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "PK", KeyType: "HASH" },
        { AttributeName: "SK", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "PK", AttributeType: "S" },
        { AttributeName: "SK", AttributeType: "S" },
      ],
    }),
  );
  await waitUntilActive(client, table, { pollMs: 20 });
  const limit = pLimit(CONCURRENCY);
  const starts = Array.from({ length: Math.ceil(items / 25) }, (_, batch) => batch * 25);
  const put = (start: number) => {
    const count = Math.min(25, items - start);
    const requests = Array.from({ length: count }, (_, n) => ({ PutRequest: { Item: user(start + n) } }));
    return client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  };
  await Promise.all(starts.map((start) => limit(() => put(start))));
  return table;
}

/** What makes a write of a backfill safe, and how its expression names the key. */
const CONDITIONS = {
  ConditionExpression: "attribute_exists(#pk) AND attribute_not_exists(#a)",
  ExpressionAttributeNames: { "#a": "level", "#pk": "PK" },
};

async function loop(client: DynamoDBClient, table: string, isSafe: boolean): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  await scanSegments(client, { table, segments: 4 }, async (page) => {
    await Promise.all(
      page.map(({ PK, SK }) =>
        limit(() =>
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: { PK, SK } as StoredItem,
              UpdateExpression: "SET #a = :a",
              ExpressionAttributeNames: { "#a": "level" },
              ExpressionAttributeValues: { ":a": { N: "1" } },
              ...(isSafe && CONDITIONS),
            }),
          ),
        ),
      ),
    );
  });
}

async function ourBackfill(client: DynamoDBClient, table: string): Promise<void> {
  const description = await describeTable(client, table);
  if (!description) throw new Error(`no table ${table}`);
  const identity = identityOf(description);
  const ledger = await openLedger({ client, ledgerTable: LEDGER, table: identity, mayCreate: true });
  const nothing = () => Promise.resolve();
  await withLease(ledger, { command: "bench" }, (lease) =>
    backfillKind.run(step, {
      client,
      table,
      keyNames: ["PK", "SK"],
      indexOwner: "pulumi",
      pollMs: 50,
      graceMs: 2_000,
      patienceMs: 30_000,
      clock: lease.clock,
      log: silentLog(),
      signal: lease.lost,
      stopping: lease.signal,
      waitMs: 60_000,
      detach: false,
      progress: new Progress(),
      show: OPEN_VIEW,
      identity: { migration: "0001-bench", step: step.id, hash: "1:bench" },
      fence: lease,
      tableBytes: description.TableSizeBytes ?? 0,
      scanSettings: {},
      notes: {},
      remember: nothing,
      forget: nothing,
    }),
  );
}

/** Counts a client's requests, and those of them that go to the ledger. */
function countRequests(client: DynamoDBClient) {
  const counts = { all: 0, ledger: 0 };
  client.middlewareStack.add(
    (next) => (args) => {
      counts.all += 1;
      if (JSON.stringify(args.input).includes(`"${LEDGER}"`)) counts.ledger += 1;
      return next(args);
    },
    { step: "initialize", name: "countRequests" },
  );
  return counts;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const items = Number(process.argv[2] ?? 4_000);
const rounds = Number(process.argv[3] ?? 5);
silenceSdkVersionWarning();
const engine = await startEngine({ engine: "dynamodb-local", storage: { kind: "memory" } });
try {
  const { client } = createClient(localTarget(engine.endpoint));
  const runs = {
    plain: (to: DynamoDBClient, table: string) => loop(to, table, false),
    safe: (to: DynamoDBClient, table: string) => loop(to, table, true),
    ours: ourBackfill,
  };
  const names = ["plain", "safe", "ours"] as const;
  for (const name of names) await runs[name](client, await freshTable(client, WARM_UP));
  const speeds: Record<(typeof names)[number], number[]> = { plain: [], safe: [], ours: [] };
  let bookkeeping = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of inTurn(names, round)) {
      const table = await freshTable(client, items);
      const watched = createClient(localTarget(engine.endpoint)).client;
      const requests = countRequests(watched);
      speeds[name].push(items / (await timed(() => runs[name](watched, table))));
      if (name === "ours") bookkeeping = requests.ledger / requests.all;
      watched.destroy();
    }
  }
  const ratio = (one: readonly number[], other: readonly number[]) =>
    withSpread(
      one.map((speed, round) => speed / (other[round] ?? 1)),
      2,
    );
  const { plain, safe, ours } = speeds;
  process.stdout.write(
    [
      `${items} items, ${rounds} rounds, ${CONCURRENCY} writes at once, DynamoDB Local: median (least to most)`,
      `plain UpdateItem loop  ${withSpread(plain, 0)} items/s`,
      `loop with conditions   ${withSpread(safe, 0)} items/s`,
      `backfill               ${withSpread(ours, 0)} items/s`,
      `backfill : plain loop  ${ratio(ours, plain)}`,
      `backfill : safe loop   ${ratio(ours, safe)}`,
      `requests for bookkeeping ${(bookkeeping * 100).toFixed(1)} %`,
      "",
    ].join("\n"),
  );
  client.destroy();
} finally {
  await engine.stop();
}
