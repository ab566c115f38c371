import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import { unfollowUser } from "../../queries/quick-photos/unfollow-user.ts";
import { createClient } from "../../src/dynamo/client.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { type CounterFinding, MigrationHistoryError } from "../../src/migrate/index.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { DriftSums } from "../../src/migrate/reconcile/drift-sums.ts";
import { migrateReconcile, planReconcile } from "../../src/migrate/reconcile/reconcile.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { openDatabase } from "../../src/query/database.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { sharedTarget, testClient } from "../support/tables.ts";
import { countersOf, friendshipItem, recount, smallTable, unmarked, userItem } from "./photos.ts";
import { clientOf, spelled, type TestBed, testBed } from "./support.ts";

const userKey = (name: string): StoredItem => ({ PK: { S: `USER#${name}` }, SK: { S: `#METADATA#${name}` } });
const photoKey = (n: number): StoredItem => ({
  PK: { S: `USER#user${n}` },
  SK: { S: `PHOTO#user${n}#2019-03-0${n + 1}T00:00:00` },
});

/** A table whose counters are all right. */
async function migratedBed(options: Parameters<typeof testBed>[0] = {}): Promise<TestBed> {
  const bed = await testBed({ items: smallTable(4), indexes: true, ...options });
  const { error } = await migrateUp(bed.environment);
  expect(error).toBeUndefined();
  return bed;
}

/** Changes an item behind everybody's back. */
async function tamper(bed: TestBed, Key: StoredItem, UpdateExpression: string, value?: string) {
  await bed.client.send(
    new UpdateItemCommand({
      TableName: bed.environment.table,
      Key,
      UpdateExpression,
      ...(value === undefined ? {} : { ExpressionAttributeValues: { ":n": { N: value } } }),
    }),
  );
}

async function expectExact(bed: TestBed) {
  const items = await bed.items();
  expect(countersOf(items)).toEqual(recount(items));
  expect(items.filter((item) => item.recount)).toEqual([]);
}

const shown = ({ item, counter, was, is, result }: CounterFinding) =>
  `${item} ${counter} ${was} ${is} ${result}`;

test("every request to the table is paced, dry or not, and keys can be hidden", async () => {
  const bed = await migratedBed();
  await tamper(bed, userKey("user0"), "SET followers = :n", "40");
  const proxy = await startFaultProxy(sharedTarget().endpoint ?? "");
  const environment = bed.through(clientOf(proxy.endpoint));
  const share = { ...environment, rate: { read: { percent: 50 } } };
  for (const reconcile of [planReconcile, migrateReconcile]) {
    await expect(reconcile(share)).rejects.toThrow("nothing to take a share of");
    const { found } = await reconcile({ ...environment, redact: true });
    expect(found).toMatchObject([{ item: "PK <string> / SK <string>", counter: "followers" }]);
  }
  const own = proxy.requests.filter(({ body }) => body.TableName === bed.environment.table);
  const used = own.filter(
    ({ operation }) => operation !== "DescribeTable" && operation !== "DescribeTimeToLive",
  );
  expect(used.length).toBeGreaterThan(10);
  // Only a paced request asks for what each index has cost.
  expect(used.filter(({ body }) => body.ReturnConsumedCapacity !== "INDEXES")).toEqual([]);
});

test("counters that are right are left alone, and the history says that they were looked at", async () => {
  const bed = await migratedBed();
  const before = spelled(await bed.items());
  const result = await migrateReconcile(bed.environment);
  expect(result).toMatchObject({
    counters: 4 * 2 + 4 * 4,
    found: [],
    unmarked: 0,
    repaired: 0,
    unrepaired: 0,
  });
  expect(spelled(await bed.items())).toEqual(before);
  const events = (await bed.history()).events.filter(({ action }) => action === "reconcile");
  expect(events.map(({ subject, outcome }) => `${subject} ${outcome}`)).toEqual([
    "0002-backfill-reaction-counts right",
    "0003-backfill-follow-counts right",
  ]);
});

test("drift of every kind is found by a dry run that writes nothing, repaired, and noted in the history", async () => {
  const bed = await migratedBed();
  await tamper(bed, userKey("user0"), "ADD followers :n", "5");
  await tamper(bed, userKey("user1"), "ADD following :n", "-3");
  await tamper(bed, userKey("user2"), "REMOVE followers");
  await tamper(bed, photoKey(0), "SET reactions.heart = :n", "7");
  await tamper(bed, photoKey(1), "REMOVE reactions.heart");
  await tamper(bed, photoKey(2), "REMOVE reactions");
  const drifted = spelled(await bed.items());

  const plan = await planReconcile({
    ...bed.environment,
    client: createClient(sharedTarget(), { readOnly: true }).client,
  });
  expect(plan.found.map(shown)).toEqual([
    "USER#user0 / PHOTO#user0#2019-03-01T00:00:00 reactions.heart 7 1 different",
    "USER#user1 / PHOTO#user1#2019-03-02T00:00:00 reactions.heart 0 1 different",
    "USER#user2 / PHOTO#user2#2019-03-03T00:00:00 reactions.heart 0 1 different",
    "USER#user0 / #METADATA#user0 followers 7 2 different",
    "USER#user1 / #METADATA#user1 following -1 2 different",
    "USER#user2 / #METADATA#user2 followers 0 2 different",
  ]);
  expect(spelled(await bed.items())).toEqual(drifted);

  const result = await migrateReconcile(bed.environment);
  expect(result).toMatchObject({ repaired: 6, unrepaired: 0, unmarked: 0 });
  expect(result.found.map(shown)).toEqual(plan.found.map((one) => shown({ ...one, result: "repaired" })));
  await expectExact(bed);
  const events = (await bed.history()).events.filter(({ outcome }) => outcome === "repaired");
  expect(events.map(({ subject, counts }) => [subject, counts?.repaired])).toEqual([
    ["0002-backfill-reaction-counts", 3],
    ["0003-backfill-follow-counts", 3],
  ]);
  expect((await migrateReconcile(bed.environment)).found).toEqual([]);
  // What follows finds marks and counters in step.
  await migrateDown(bed.environment, { steps: 2 });
  expect(spelled(await bed.items())).toEqual(spelled(smallTable(4)));
});

test("a member that a full put robbed of its mark, and one deleted behind the counters, are made good", async () => {
  const bed = await migratedBed();
  const TableName = bed.environment.table;
  await bed.client.send(new PutItemCommand({ TableName, Item: friendshipItem("user1", "user0") }));
  const { PK, SK } = friendshipItem("user2", "user1") as StoredItem;
  const Key = { PK, SK } as StoredItem;
  await bed.client.send(new DeleteItemCommand({ TableName, Key }));
  expect((await planReconcile(bed.environment)).unmarked).toBe(1);
  const result = await migrateReconcile(bed.environment);
  expect(result).toMatchObject({ unmarked: 1, repaired: 4, unrepaired: 0 });
  await expectExact(bed);
  expect(unmarked(await bed.items())).toEqual([]);
});

test("any drift is repaired to the last unit", async () => {
  const bed = await migratedBed();
  const one = fc.record({ user: fc.integer({ min: 0, max: 3 }), by: fc.integer({ min: -5, max: 5 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 5 }), async (drifts) => {
      for (const { user, by } of drifts) {
        await tamper(bed, userKey(`user${user}`), "ADD followers :n", String(by));
        await tamper(bed, photoKey(user), "SET reactions.heart = reactions.heart + :n", String(by));
      }
      await migrateReconcile(bed.environment);
      await expectExact(bed);
    }),
    { numRuns: 5 },
  );
});

test("a counter that is written to while it is counted is counted again, and never set to an old count", async () => {
  const bed = await migratedBed();
  await tamper(bed, userKey("user0"), "ADD followers :n", "3");
  const { client } = testClient();
  const database = openDatabase(bed.client, bed.environment.table);
  const [followedUser, first, second] = ["user0", "user2", "user3"];
  const unfollows = [first, second].map(
    (followingUser) => () => unfollowUser.run(database, { followedUser, followingUser } as never),
  );
  let tagged = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      // Between the tag and the count: one who is counted goes.
      if (JSON.stringify(args.input).includes('"SET #recount = :run"')) await unfollows[tagged++]?.();
      return answer;
    },
    { step: "initialize", name: "liveTraffic" },
  );
  const result = await migrateReconcile(bed.through(client));
  expect(tagged).toBeGreaterThan(2);
  expect(result.found.map(shown)).toEqual(["USER#user0 / #METADATA#user0 followers 3 0 repaired"]);
  await expectExact(bed);
});

test("what live writes never let alone is named, left as it is, and is no success", async () => {
  const bed = await migratedBed();
  await tamper(bed, userKey("user0"), "ADD followers :n", "3");
  const { client } = testClient();
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      if (JSON.stringify(args.input).includes('"SET #recount = :run"')) {
        // As a live write does, which comes and goes: the value is the same again.
        await tamper(bed, userKey("user0"), "REMOVE recount");
      }
      return answer;
    },
    { step: "initialize", name: "liveTraffic" },
  );
  const result = await migrateReconcile(bed.through(client));
  expect(result).toMatchObject({ repaired: 0, unrepaired: 1 });
  expect(result.found.map(shown)).toEqual(["USER#user0 / #METADATA#user0 followers 5 2 busy"]);
  expect(countersOf(await bed.items())["user0 followers"]).toBe(5);
  expect((await bed.history()).events.at(-1)).toMatchObject({ outcome: "not all repaired" });
});

test("answers that are lost, conflicts and failures neither repair twice nor hide a repair", async () => {
  const bed = await migratedBed();
  for (const n of [0, 1, 2, 3]) await tamper(bed, userKey(`user${n}`), "ADD followers :n", String(n + 1));
  const proxy = await startFaultProxy(sharedTarget().endpoint ?? "", {
    seed: 3,
    rules: [
      { operation: "TransactWriteItems", probability: 0.2, fault: { kind: "conflict" } },
      { operation: "TransactWriteItems", probability: 0.2, fault: { kind: "loseAnswer" } },
      { operation: ["UpdateItem", "TransactWriteItems"], probability: 0.1, fault: { kind: "failAfter" } },
      { operation: ["Scan", "BatchGetItem"], probability: 0.1, fault: { kind: "throttle" } },
    ],
  });
  const result = await migrateReconcile(bed.through(clientOf(proxy.endpoint)));
  expect(result).toMatchObject({ repaired: 4, unrepaired: 0 });
  await expectExact(bed);
});

test("a tag that a killed run left is taken away, and a counter that is no number is named", async () => {
  const bed = await migratedBed();
  await tamper(bed, userKey("user3"), "SET recount = :n", "1");
  await migrateReconcile(bed.environment);
  await expectExact(bed);
  await bed.client.send(
    new UpdateItemCommand({
      TableName: bed.environment.table,
      Key: userKey("user1"),
      UpdateExpression: "SET followers = :text",
      ExpressionAttributeValues: { ":text": { S: "many" } },
    }),
  );
  const result = await migrateReconcile(bed.environment);
  expect(result.found.map(shown)).toEqual(["USER#user1 / #METADATA#user1 followers null 2 unreadable"]);
  expect(result.unrepaired).toBe(1);
});

test("marked friendships of users who are gone count where they can, and are no difference", async () => {
  const bed = await migratedBed();
  await bed.client.send(
    new DeleteItemCommand({ TableName: bed.environment.table, Key: userKey("user1") as never }),
  );
  expect((await planReconcile(bed.environment)).found).toEqual([]);
  expect((await migrateReconcile(bed.environment)).found).toEqual([]);
  expect((await bed.items()).find((item) => item.SK?.S === "#METADATA#user1")).toBeUndefined();
});

test("nothing is counted where no counter is applied, and a changed file is refused", async () => {
  const bed = await testBed({ items: [userItem("a")], indexes: true });
  expect(await migrateReconcile(bed.environment)).toMatchObject({ steps: [], counters: 0, found: [] });
  expect((await bed.history()).events).toEqual([]);
  await expect(
    migrateReconcile({
      ...(await migratedBed()).environment,
      migrations: migrationsOf((await bedOfAnotherProject()).project, "quick-photos"),
    }),
  ).rejects.toThrow(MigrationHistoryError);
});

async function bedOfAnotherProject() {
  const { projectWith } = await import("./support.ts");
  return { project: await projectWith({}) };
}

test("sums of drift tell what is wrong, and only that", () => {
  const sums = new DriftSums();
  for (let n = 0; n < 5_000; n += 1) sums.add(`counter ${n}`, n);
  for (let n = 0; n < 5_000; n += 1)
    for (let m = 0; m < n; m += 100) sums.add(`counter ${n}`, -Math.min(100, n - m));
  expect(sums.isBalanced).toBe(true);
  sums.add("counter 17", 1);
  sums.add("counter 18", -1);
  expect(sums.isBalanced).toBe(false);
  const suspects = Array.from({ length: 5_000 }, (_, n) => `counter ${n}`).filter((name) =>
    sums.maySuspect(name),
  );
  expect(suspects).toEqual(expect.arrayContaining(["counter 17", "counter 18"]));
  expect(suspects.length).toBeLessThan(10);
  sums.add("counter 99", undefined);
  expect(sums.maySuspect("counter 99")).toBe(true);
});
