import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { silentLog } from "../../src/log.ts";
import { backfill } from "../../src/migrate/index.ts";
import { backfillKind } from "../../src/migrate/steps/backfill.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { tappedClient } from "../ledger/support.ts";
import { sharedTarget } from "../support/tables.ts";
import { friendshipItem, userItem } from "./photos.ts";
import { clientOf, spelled, stepContext, type TestBed, testBed } from "./support.ts";

const users = { SK: { beginsWith: "#METADATA#" } };
const zeros = backfill({ id: "zeros", where: users, set: { followers: 0, following: 0 }, undo: "remove" });
const manyUsers = (count: number) => Array.from({ length: count }, (_, n) => userItem(`u${n}`));

const keyOf = (username: string) => ({ PK: { S: `USER#${username}` }, SK: { S: `#METADATA#${username}` } });

/** A client that runs `between` once, after a scan and before the first update that came of it. */
function interleave(between: () => Promise<unknown>) {
  const { client, tap } = tappedClient();
  let ran: Promise<unknown> | undefined;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName === "UpdateItemCommand") {
        ran ??= between();
        await ran;
      }
      return next(args);
    },
    { step: "initialize", name: "interleave" },
  );
  return { client, tap };
}

async function readUser(bed: TestBed, username: string) {
  const { Item } = await bed.client.send(
    new GetItemCommand({
      TableName: bed.environment.table,
      Key: keyOf(username),
      ConsistentRead: true,
    }),
  );
  return Item;
}

test("sets what is missing, keeps what is there, leaves other items alone", async () => {
  const half = { ...userItem("half"), followers: { N: "7" } };
  const full = { ...userItem("full"), followers: { N: "1" }, following: { N: "2" } };
  const other = friendshipItem("half", "full");
  const bed = await testBed({ items: [userItem("bare"), half, full, other] });
  const { counts } = await backfillKind.run(zeros, stepContext(bed));
  expect(counts).toEqual({ items: 2, conflicts: 0, passes: 2 });
  const zero = { N: "0" };
  expect(spelled(await bed.items())).toEqual(
    spelled([
      { ...userItem("bare"), followers: zero, following: zero },
      { ...half, following: zero },
      full,
      other,
    ]),
  );
  expect((await backfillKind.run(zeros, stepContext(bed))).counts).toEqual({
    items: 0,
    conflicts: 0,
    passes: 1,
  });

  const warnings: string[] = [];
  const log = { ...silentLog(), warn: (line: string) => warnings.push(line) };
  const undone = await backfillKind.undo(zeros, { ...stepContext(bed), log });
  expect(undone.counts).toEqual({ items: 2, conflicts: 0, passes: 2, left: 2 });
  expect(spelled(await bed.items())).toEqual(spelled([userItem("bare"), half, full, other]));
  expect(warnings).toEqual([expect.stringMatching(/2 items keep .*followers, following.*USER#(half|full)/)]);
});

test("of many values that are left, ten are named", async () => {
  const items = manyUsers(25).map((item) => ({ ...item, followers: { N: "3" } }));
  const bed = await testBed({ items });
  const warnings: string[] = [];
  const log = { ...silentLog(), warn: (line: string) => warnings.push(line) };
  const { counts } = await backfillKind.undo(zeros, { ...stepContext(bed), log });
  expect(counts).toMatchObject({ items: 0, left: 25 });
  expect(warnings[0]?.match(/USER#/g)).toHaveLength(10);
  expect(warnings[0]).toMatch(/and 15 more$/);
});

test("a value that is raised between the look and the removal stays", async () => {
  const bed = await testBed({ items: [userItem("a"), userItem("b")] });
  await backfillKind.run(zeros, stepContext(bed));
  const raise = new UpdateItemCommand({
    TableName: bed.environment.table,
    Key: keyOf("a"),
    UpdateExpression: "ADD followers :one",
    ExpressionAttributeValues: { ":one": { N: "1" } },
  });
  const { client } = interleave(() => bed.client.send(raise));
  const { counts } = await backfillKind.undo(zeros, stepContext(bed, client));
  expect(counts).toMatchObject({ items: 2, conflicts: 1, left: 1 });
  expect(spelled(await bed.items())).toEqual(
    spelled([{ ...userItem("a"), followers: { N: "1" } }, userItem("b")]),
  );
});

test("zeros that uncounting leaves in a filled map go with it; a counter above zero keeps it", async () => {
  const step = backfill({ id: "map", where: users, set: { stats: { fans: 0 } }, undo: "remove" });
  const map = (entries: Record<string, string>): AttributeValue => ({
    M: Object.fromEntries(Object.entries(entries).map(([name, N]) => [name, { N }])),
  });
  const raised = { ...userItem("raised"), stats: map({ fans: "0", likes: "1" }) };
  const given = { ...userItem("given"), stats: map({ fans: "0.0" }) };
  const uncounted = { ...userItem("uncounted"), stats: map({ fans: "0", likes: "0" }) };
  const bed = await testBed({ items: [raised, given, uncounted] });
  const { counts } = await backfillKind.undo(step, stepContext(bed));
  expect(counts).toMatchObject({ items: 2, left: 1 });
  expect(spelled(await bed.items())).toEqual(spelled([raised, userItem("given"), userItem("uncounted")]));
});

test("a value worked out from what has changed since, or cannot be worked out any more, is left", async () => {
  const step = backfill({
    id: "greet",
    where: users,
    set: {
      from: ["name"],
      attributes: ["greeting"],
      values: ({ name }) => {
        if (name === "?") throw new Error("no name");
        return { greeting: `Hi ${name}` };
      },
    },
    undo: "remove",
  });
  const bed = await testBed({ items: [userItem("a"), userItem("b"), userItem("c")] });
  await backfillKind.run(step, stepContext(bed));
  for (const [username, name] of Object.entries({ b: "Zoë", c: "?" })) {
    await bed.client.send(
      new UpdateItemCommand({
        TableName: bed.environment.table,
        Key: keyOf(username),
        UpdateExpression: "SET #name = :name",
        ExpressionAttributeNames: { "#name": "name" },
        ExpressionAttributeValues: { ":name": { S: name } },
      }),
    );
  }
  const { counts } = await backfillKind.undo(step, stepContext(bed));
  expect(counts).toMatchObject({ items: 1, left: 2 });
  const greetings = ["a", "b", "c"].map(async (name) => (await readUser(bed, name))?.greeting?.S);
  expect(await Promise.all(greetings)).toEqual([undefined, "Hi N", "Hi N"]);
});

test("throttles and lost answers lose nothing, over several pages", async () => {
  const note = { S: "x".repeat(20_000) };
  const items = manyUsers(230).map((item) => ({ ...item, note }));
  const bed = await testBed({ items });
  const proxy = await startFaultProxy(sharedTarget().endpoint ?? "", {
    seed: 3,
    rules: [
      { operation: "UpdateItem", probability: 0.1, fault: { kind: "throttle" } },
      { operation: "UpdateItem", probability: 0.05, fault: { kind: "loseAnswer" } },
      { operation: "UpdateItem", probability: 0.05, fault: { kind: "conflict" } },
      { operation: "Scan", probability: 0.2, fault: { kind: "throttle" } },
    ],
  });
  await backfillKind.run(zeros, stepContext(bed, clientOf(proxy.endpoint)));
  await proxy.close();
  const pages = proxy.requests.filter(({ operation, fault }) => operation === "Scan" && !fault).length;
  expect(pages).toBeGreaterThan(2 * 4);
  expect(proxy.requests.some(({ fault }) => fault === "loseAnswer")).toBe(true);
  const zero = { N: "0" };
  expect(spelled(await bed.items())).toEqual(
    spelled(items.map((item) => ({ ...item, followers: zero, following: zero }))),
  );
});

test("a value worked out from an attribute that changes meanwhile is worked out again", async () => {
  const step = backfill({
    id: "greet",
    where: users,
    set: { from: ["name"], attributes: ["greeting"], values: ({ name }) => ({ greeting: `Hi ${name}` }) },
  });
  const bed = await testBed({ items: [userItem("a")] });
  const rename = new UpdateItemCommand({
    TableName: bed.environment.table,
    Key: keyOf("a"),
    UpdateExpression: "SET #name = :name",
    ExpressionAttributeNames: { "#name": "name" },
    ExpressionAttributeValues: { ":name": { S: "Zoë" } },
  });
  const { client } = interleave(() => bed.client.send(rename));
  const { counts } = await backfillKind.run(step, stepContext(bed, client));
  expect(counts).toMatchObject({ items: 1, conflicts: 1 });
  expect((await readUser(bed, "a"))?.greeting).toEqual({ S: "Hi Zoë" });
});

test("an item that is deleted meanwhile is not brought back", async () => {
  const bed = await testBed({ items: [userItem("a")] });
  const remove = new DeleteItemCommand({ TableName: bed.environment.table, Key: keyOf("a") });
  const { client } = interleave(() => bed.client.send(remove));
  const { counts } = await backfillKind.run(zeros, stepContext(bed, client));
  expect(counts).toMatchObject({ items: 0, conflicts: 1 });
  expect(await bed.items()).toEqual([]);
});

test("values that a step gives without declaring them are refused, with the item", async () => {
  const set = { from: ["name"], attributes: ["greeting"], values: () => ({ other: 1 }) };
  const bed = await testBed({ items: [userItem("a")] });
  const running = backfillKind.run(backfill({ id: "stray", where: users, set }), stepContext(bed));
  await expect(running).rejects.toThrow("USER#a / #METADATA#a: gives other");
});
