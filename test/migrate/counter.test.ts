import { setTimeout as delay, setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type TransactWriteItemsCommandInput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import reactions from "../../migrations/quick-photos/0002-backfill-reaction-counts.ts";
import follows from "../../migrations/quick-photos/0003-backfill-follow-counts.ts";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import { migrateResult } from "../../src/commands/migrate/render.ts";
import { pacedClient } from "../../src/dynamo/pace/paced-client.ts";
import { Pacer } from "../../src/dynamo/pace/pacer.ts";
import { UNLIMITED } from "../../src/dynamo/pace/rate-limit.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { silentLog } from "../../src/log.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import {
  type BackfillStep,
  CounterContentionError,
  type CounterStep,
  counter,
  StepDefinitionError,
} from "../../src/migrate/index.ts";
import { Batch } from "../../src/migrate/scan/batch.ts";
import { backfillKind } from "../../src/migrate/steps/backfill.ts";
import { counterKind } from "../../src/migrate/steps/counter.ts";
import { scanMembers } from "../../src/migrate/steps/counter-members.ts";
import type { Member } from "../../src/migrate/steps/counter-transaction.ts";
import { kindOf } from "../../src/migrate/steps/index.ts";
import { settleGroup } from "../../src/migrate/steps/settle-group.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { openDatabase } from "../../src/query/database.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { seededRandom } from "../faults/rules.ts";
import { eventually } from "../support/processes.ts";
import { putItems, sharedTarget, testClient } from "../support/tables.ts";
import { goOn } from "./live-traffic.ts";
import {
  countersOf,
  friendshipItem,
  photoItem,
  quickPhotosSeed,
  reactionItem,
  recount,
  smallTable,
  unmarked,
  userItem,
} from "./photos.ts";
import {
  clientOf,
  forgetfulClientOf,
  resultsOf,
  spelled,
  stepContext,
  type TestBed,
  testBed,
} from "./support.ts";

const names = (count: number) => Array.from({ length: count }, (_, n) => `u${n}`);
const reactionStep = reactions.steps[1] as CounterStep;
const friendshipStep = follows.steps[1] as CounterStep;
/** Collects all that nothing holds any more. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  // What was read in this turn of the event loop is held until its end.
  await setImmediate();
  runInNewContext("gc")();
}

const engine = () => sharedTarget().endpoint ?? "";

async function runFollows(bed: TestBed, client = bed.client) {
  for (const step of follows.steps) await kindOf(step).run(step, stepContext(bed, client));
}

async function expectExact(bed: TestBed) {
  const items = await bed.items();
  expect(countersOf(items)).toEqual(recount(items));
}

test("any friendships, orphans among them: counters equal a recount, and down leaves the seed", async () => {
  const bed = await testBed();
  const user = fc.constantFrom("a", "b", "c", "d", "e#f", "ü");
  const friendships = fc.uniqueArray(fc.tuple(user, user), { selector: String, maxLength: 36 });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(user), friendships, async (users, pairs) => {
      const seed = [...users.map(userItem), ...pairs.map(([a, b]) => friendshipItem(a, b))];
      await putItems(bed.client, bed.environment.table, seed);
      await runFollows(bed);
      const items = await bed.items();
      expect(countersOf(items)).toEqual(recount(items));
      const orphans = pairs.filter((pair) => pair.some((name) => !users.includes(name)));
      expect(unmarked(items)).toHaveLength(orphans.length);
      for (const step of [...follows.steps].reverse()) await kindOf(step).undo(step, stepContext(bed));
      expect(spelled(await bed.items())).toEqual(spelled(seed));
      for (const { PK, SK } of seed) {
        const Key = { PK, SK } as StoredItem;
        await bed.client.send(new DeleteItemCommand({ TableName: bed.environment.table, Key }));
      }
    }),
    { numRuns: 5 },
  );
});

test("a hub of 230 followers over several pages is counted in few transactions", async () => {
  const padding: AttributeValue = { S: "x".repeat(12_000) };
  const fans = names(230);
  const items = [
    userItem("star"),
    ...fans.map(userItem),
    ...fans.map((fan) => ({ ...friendshipItem("star", fan), padding })),
  ];
  const bed = await testBed({ items });
  const { counts } = await counterKind.run(friendshipStep, stepContext(bed));
  expect(counts).toMatchObject({ members: 230, orphans: 0 });
  expect(counts.transactions).toBe(Math.ceil(230 / 49));
  const counters = countersOf(await bed.items());
  expect(counters["star followers"]).toBe(230);
  expect(fans.every((fan) => counters[`${fan} following`] === 1)).toBe(true);
});

test("a hub's members are counted together, from whichever segments they come", async () => {
  const items = quickPhotosSeed();
  const bed = await testBed({ items });
  await backfillKind.run(reactions.steps[0] as BackfillStep, stepContext(bed));
  const { counts } = await counterKind.run(reactionStep, stepContext(bed));
  const members = items.filter((item) => item.reactionType);
  const photos = new Set(members.map((item) => item.SK?.S));
  expect(counts).toMatchObject({ members: members.length, refused: 0, orphans: 0 });
  // A transaction a photo, of at most 49 reactions, and another one for those that were begun with early.
  expect(counts.transactions).toBeLessThan(photos.size * 1.4);
});

test("orphans are named, left as they are, and do not keep the migration from being applied", async () => {
  const warnings: string[] = [];
  const orphans = [
    friendshipItem("u0", "gone"),
    friendshipItem("gone", "u1"),
    reactionItem("u0", "heart", "u1", "2001-01-01T00:00:00"),
  ];
  const bed = await testBed({
    items: [...smallTable(3), userItem("u0"), userItem("u1"), ...orphans],
    indexes: true,
    log: { ...silentLog(), warn: (line) => warnings.push(line) },
  });
  const { error, pending } = await migrateUp(bed.environment);
  expect(error).toBeUndefined();
  expect(pending).toBe(0);
  expect(warnings.join("\n")).toContain("USER#gone / #FRIEND#u1");
  expect(warnings).toHaveLength(2);
  const items = await bed.items();
  expect(spelled(unmarked(items))).toEqual(spelled(orphans));
  // No phantom: an addition never makes the user it finds missing.
  expect(items).toHaveLength(18 + 2 + 3);
  await expectExact(bed);
});

test("orphans are counted, ten are named, and none is kept in memory", async () => {
  const orphans = names(60).map((fan) => friendshipItem("gone", fan));
  const warnings: string[] = [];
  const log = { ...silentLog(), warn: (line: string) => warnings.push(line) };
  const bed = await testBed({ items: [...names(60).map(userItem), ...orphans] });
  const { counts } = await counterKind.run(friendshipStep, { ...stepContext(bed), log });
  expect(counts).toMatchObject({ members: 0, orphans: 60, passes: 1 });
  expect(warnings[0]?.match(/USER#gone/g)).toHaveLength(10);
  expect(warnings[0]).toMatch(/and 50 more$/);

  const batch = new Batch();
  const seen: WeakRef<Member>[] = [];
  await scanMembers(friendshipStep, "count", stepContext(bed), async (members) => {
    seen.push(...members.map((member) => new WeakRef(member)));
    const group = members.map((member) => ({ ...member, batch }));
    await settleGroup(friendshipStep, group, "count", stepContext(bed));
  });
  await collectGarbage();
  expect(seen).toHaveLength(60);
  expect(seen.filter((member) => member.deref())).toEqual([]);
  expect(batch.left).toBe(60);
});

test("a photo that comes without its map, between the steps, gets it", async () => {
  const at = "2019-03-03T00:00:00";
  const bed = await testBed({
    items: [photoItem("a", at), reactionItem("a", "heart", "a", at)],
    indexes: true,
  });
  await counterKind.run(reactionStep, stepContext(bed));
  await expectExact(bed);
  expect(unmarked(await bed.items())).toEqual([]);
});

test("an addition inside a map is spelled as AWS allows it: ADD takes top-level attributes only", async () => {
  const at = "2019-03-03T00:00:00";
  const bed = await testBed({ items: [photoItem("a", at), reactionItem("a", "heart", "a", at)] });
  const { client } = testClient();
  const expressions: string[] = [];
  client.middlewareStack.add(
    (next) => (args) => {
      const { TransactItems = [] } = args.input as TransactWriteItemsCommandInput;
      expressions.push(...TransactItems.flatMap(({ Update }) => Update?.UpdateExpression ?? []));
      return next(args);
    },
    { step: "initialize", name: "expressions" },
  );
  await counterKind.run(reactionStep, stepContext(bed, client));
  await counterKind.undo(reactionStep, stepContext(bed, client));
  expect(expressions.length).toBeGreaterThan(3);
  expect(expressions.filter((expression) => /\bADD [^:]*\./.test(expression))).toEqual([]);
  expect(countersOf(await bed.items())[`PHOTO#a#${at} heart`]).toBe(0);
});

test("counting inside a map that nobody gives is an error that names the item, not a loop", async () => {
  const step = counter({
    id: "deep",
    members: { SK: { beginsWith: "#FRIEND#" } },
    mark: "counted",
    on: { SK: { beginsWith: "#METADATA#" } },
    attributes: ["stats"],
    initial: { stats: {} },
    counts: () => [{ key: { PK: "USER#a", SK: "#METADATA#a" }, path: ["stats", "fans", "all"] }],
  });
  const bed = await testBed({ items: [userItem("a"), friendshipItem("a", "a")] });
  await expect(counterKind.run(step, stepContext(bed))).rejects.toThrow(StepDefinitionError);
  await expect(counterKind.run({ ...step, initial: {} }, stepContext(bed))).rejects.toThrow("USER#a");
  expect(unmarked(await bed.items())).toHaveLength(1);
});

test("a step that writes where it did not declare is refused before it writes", async () => {
  const bed = await testBed({ items: [userItem("a"), userItem("b"), friendshipItem("a", "b")] });
  const before = await bed.items();
  const elsewhere = { ...friendshipStep, on: { SK: { beginsWith: "OTHER" } } };
  await expect(counterKind.run(elsewhere, stepContext(bed))).rejects.toThrow('not in "on"');
  const others = { ...friendshipStep, attributes: ["followers"] };
  await expect(counterKind.run(others, stepContext(bed))).rejects.toThrow('not in "attributes"');
  expect(await bed.items()).toEqual(before);
});

test("a user who is deleted after the count does not stop down", async () => {
  const bed = await testBed({ items: smallTable(4), indexes: true });
  await migrateUp(bed.environment);
  const { table } = bed.environment;
  const { PK, SK } = userItem("user1") as { PK: AttributeValue; SK: AttributeValue };
  await bed.client.send(new DeleteItemCommand({ TableName: table, Key: { PK, SK } }));
  const { error } = await migrateDown(bed.environment);
  expect(error).toBeUndefined();
  const seed = smallTable(4).filter((item) => item.PK?.S !== PK.S || item.SK?.S !== SK.S);
  await migrateDown(bed.environment);
  expect(spelled(await bed.items())).toEqual(spelled(seed));
});

test("down leaves a counter that live traffic raises after the last uncount, and says so", async () => {
  const bed = await testBed({ items: smallTable(4), indexes: true });
  await migrateUp(bed.environment);
  const { client } = testClient();
  let raised: Promise<unknown> | undefined;
  client.middlewareStack.add(
    (next) => async (args) => {
      const { UpdateExpression = "" } = args.input as { UpdateExpression?: string };
      if (UpdateExpression.startsWith("REMOVE #r")) {
        const database = openDatabase(bed.client, bed.environment.table);
        raised ??= followUser.run(database, {
          followedUser: "user3",
          followingUser: "user0",
          timestamp: "2026-01-01T12:00:00",
        });
        await raised;
      }
      return next(args);
    },
    { step: "initialize", name: "liveTraffic" },
  );
  const down = await migrateDown(bed.through(client));
  expect(resultsOf(down)).toEqual({ "0003-backfill-follow-counts": "reverted" });
  expect(down.results[0]?.steps.at(-1)).toMatchObject({ id: "start-at-zero", counts: { items: 4, left: 2 } });
  expect(migrateResult(down)).toMatchObject({ text: expect.stringContaining("2 left") });
  expect(migrateResult(down).exitCode).toBeUndefined();
  const items = await bed.items();
  const follows = Object.entries(countersOf(items)).filter(([name]) => !name.startsWith("PHOTO"));
  expect(Object.fromEntries(follows)).toEqual({ "user3 followers": 1, "user0 following": 1 });

  await migrateUp(bed.environment);
  await expectExact(bed);
});

test("two at once count each friendship once", async () => {
  const bed = await testBed({ items: smallTable(20) });
  const results = await Promise.all([1, 2, 3].map(() => counterKind.run(friendshipStep, stepContext(bed))));
  const marked = results.reduce((sum, { counts }) => sum + (counts.members ?? 0), 0);
  expect(marked).toBe(40);
  const counters = countersOf(await bed.items());
  expect(Object.values(counters).every((count) => count === 2)).toBe(true);
});

test("beside live traffic, conflicts, lost answers and late requests, it ends exact, up and down", async () => {
  const users = names(12);
  const legacy = users.flatMap((a, n) =>
    users.filter((_, m) => m !== n && (n + m) % 2 === 0).map((b) => friendshipItem(a, b)),
  );
  const bed = await testBed({ items: [...users.map(userItem), ...legacy] });
  const proxy = await startFaultProxy(engine(), {
    seed: 11,
    rules: [
      // The step's own, which put nothing: it sends few, and one at least is to meet another.
      {
        operation: "TransactWriteItems",
        where: ({ body }) => (body.TransactItems ?? []).every((action) => "Update" in (action as object)),
        times: 2,
        fault: { kind: "conflict", at: 0 },
      },
      { operation: "TransactWriteItems", probability: 0.3, fault: { kind: "conflict", at: 0 } },
      { operation: "TransactWriteItems", probability: 0.1, fault: { kind: "loseAnswer" } },
      { operation: "TransactWriteItems", probability: 0.1, fault: { kind: "failAfter" } },
      { operation: "TransactWriteItems", probability: 0.05, fault: { kind: "applyLate", milliseconds: 150 } },
      { operation: ["Scan", "UpdateItem"], probability: 0.1, fault: { kind: "throttle" } },
    ],
  });
  const client = forgetfulClientOf(proxy.endpoint);
  const stop = new AbortController();
  const application = openDatabase(client, bed.environment.table);
  const cast = { users, photos: [{ photoUser: "u0", photoTimestamp: "2019-01-01T00:00:00" }] };
  // The zeros first, as the application's users would be made with zeros from then on.
  await backfillKind.run(follows.steps[0] as BackfillStep, stepContext(bed));
  const live = [1, 2].map((seed) =>
    goOn({ ...application, signal: stop.signal }, cast, seededRandom(seed), stop.signal),
  );
  const isLive = ({ applied }: { applied: object | undefined }) =>
    /"(Put|Delete)"/.test(JSON.stringify(applied ?? {}));
  await eventually(() => proxy.requests.filter(isLive).length > 5, "live writes have begun", 30);
  const { counts } = await counterKind.run(friendshipStep, stepContext(bed, client));
  stop.abort();
  const operations = (await Promise.all(live)).reduce((sum, done) => sum + done.follow + done.unfollow, 0);
  await proxy.settled();

  expect(operations).toBeGreaterThan(0);
  expect(counts.conflicts).toBeGreaterThan(0);
  const transactions = proxy.requests.filter(({ operation }) => operation === "TransactWriteItems");
  expect(transactions.some(({ fault }) => fault === "loseAnswer")).toBe(true);
  expect(new Set(transactions.map(({ body }) => body.ClientRequestToken)).size).toBe(transactions.length);
  const items = await bed.items();
  expect(unmarked(items)).toEqual([]);
  expect(countersOf(items)).toEqual(recount(items));

  await counterKind.undo(friendshipStep, stepContext(bed, client));
  await proxy.settled();
  await proxy.close();
  const after = await bed.items();
  expect(after.filter((item) => item.counted)).toEqual([]);
  expect(Object.values(countersOf(after)).every((count) => count === 0)).toBe(true);
});

test("a transaction whose answer is lost is recognised when it is sent again: done, not refused", async () => {
  const bed = await testBed({ items: [...names(4).map(userItem), friendshipItem("u0", "u1")] });
  const fault = { kind: "loseAnswer" } as const;
  const proxy = await startFaultProxy(engine(), {
    rules: [{ operation: "TransactWriteItems", times: 1, fault }],
  });
  const context = stepContext(bed, clientOf(proxy.endpoint));
  const once = { members: 1, refused: 0, transactions: 1, passes: 2 };
  expect((await counterKind.run(friendshipStep, context)).counts).toMatchObject(once);
  expect(countersOf(await bed.items())).toEqual({ "u0 followers": 1, "u1 following": 1 });
  proxy.setRules([{ operation: "TransactWriteItems", times: 1, fault }]);
  expect((await counterKind.undo(friendshipStep, context)).counts).toMatchObject(once);
  const sent = proxy.requests.filter(({ operation }) => operation === "TransactWriteItems");
  expect(sent.map((request) => request.fault)).toEqual(["loseAnswer", undefined, "loseAnswer", undefined]);
  const tokens = sent.map(({ body }) => body.ClientRequestToken);
  expect(new Set(tokens).size).toBe(2);
  expect(tokens).not.toContain(undefined);
});

test("a counter item that other transactions never let go ends as could-not-run, not as a wrong count", async () => {
  const bed = await testBed({ items: [userItem("a"), userItem("b"), friendshipItem("a", "b")] });
  const rules = [{ operation: "TransactWriteItems", fault: { kind: "conflict" } }] as const;
  const proxy = await startFaultProxy(engine(), { rules });
  const context = { ...stepContext(bed, clientOf(proxy.endpoint)), patienceMs: 300 };
  const running = counterKind.run(friendshipStep, context);
  await expect(running).rejects.toThrow(CounterContentionError);
  await expect(running).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining("USER#a") });
  await proxy.close();
  expect(countersOf(await bed.items())).toEqual({});
});

test("a pause of the run is not counted against its patience with conflicts", async () => {
  const bed = await testBed({ items: [userItem("a"), userItem("b"), friendshipItem("a", "b")] });
  const fault = { kind: "conflict" } as const;
  const rules = [{ operation: "TransactWriteItems", nth: [1, 2], fault }];
  const proxy = await startFaultProxy(engine(), { rules });
  const patienceMs = 200;
  const { table } = bed.environment;
  const pacer = new Pacer({ table, partitionKey: "PK", ceilings: UNLIMITED });
  const client = clientOf(proxy.endpoint);
  let conflicts = 0;
  client.middlewareStack.add(
    (next) => (args) =>
      next(args).catch((error: unknown) => {
        conflicts += 1;
        if (conflicts === 1) {
          pacer.pause("somebody has a look");
          void delay(2 * patienceMs).then(() => pacer.resume());
        }
        throw error;
      }),
    { step: "initialize", name: "pauseAtConflict" },
  );
  const context = { ...stepContext(bed, pacedClient(client, pacer)), patienceMs };
  const { counts } = await counterKind.run(friendshipStep, context);
  expect(counts).toMatchObject({ members: 1, conflicts: 2, transactions: 3 });
});

test("an old creator's unmarked friendship, made during the count, is counted too", async () => {
  const bed = await testBed({ items: smallTable(6) });
  const { client } = testClient();
  let added = false;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const answer = await next(args);
      if (context.commandName === "TransactWriteItemsCommand" && !added) {
        added = true;
        const Item = friendshipItem("user0", "user3");
        await bed.client.send(new PutItemCommand({ TableName: bed.environment.table, Item }));
      }
      return answer;
    },
    { step: "initialize", name: "oldCreator" },
  );
  for (const step of follows.steps) await kindOf(step).run(step, stepContext(bed, client));
  const items = await bed.items();
  expect(added).toBe(true);
  expect(unmarked(items).filter((item) => item.followedUser)).toEqual([]);
  const counters = countersOf(items);
  expect(counters["user0 followers"]).toBe(3);
});

test("the mark is the literal true, and the rest of a member is untouched", async () => {
  const member = { ...friendshipItem("a", "b"), note: { S: "kept" } };
  const bed = await testBed({ items: [userItem("a"), userItem("b"), member] });
  await runFollows(bed);
  const { Item } = await bed.client.send(
    new GetItemCommand({
      TableName: bed.environment.table,
      Key: { PK: { S: "USER#a" }, SK: { S: "#FRIEND#b" } },
    }),
  );
  expect(Item).toEqual({ ...member, counted: { BOOL: true } });
});

test("a counter that is not a number is an error that names the member", async () => {
  const bed = await testBed({ items: [userItem("a"), userItem("b"), friendshipItem("a", "b")] });
  await bed.client.send(
    new UpdateItemCommand({
      TableName: bed.environment.table,
      Key: { PK: { S: "USER#a" }, SK: { S: "#METADATA#a" } },
      UpdateExpression: "SET followers = :text",
      ExpressionAttributeValues: { ":text": { S: "many" } },
    }),
  );
  await expect(counterKind.run(friendshipStep, stepContext(bed))).rejects.toThrow(/type|operand/i);
  expect(unmarked(await bed.items())).toHaveLength(1);
});
