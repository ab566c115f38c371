import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { statusText } from "../../src/commands/migrate/render.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { counter } from "../../src/migrate/index.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { retryFailed } from "../../src/migrate/retry-failed.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { counterKind } from "../../src/migrate/steps/counter.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { friendshipItem, userItem } from "./photos.ts";
import { projectWith, resultsOf, stepContext, type TestBed, testBed } from "./support.ts";

const ID = "0001-greet";

/** A migration that greets users by their name; without one it throws, with "long" DynamoDB refuses it. */
const greet = (maxFailures: number, otherwise = 'throw new Error("no name")') => `
import { backfill, defineMigration } from "tablewright/migrate";
export default defineMigration({
  id: "${ID}",
  description: "greets",
  steps: [backfill({
    id: "greet",
    where: { SK: { beginsWith: "#METADATA#" } },
    set: { from: ["name"], attributes: ["greeting"], values: ({ name }) => {
      if (name === "?") ${otherwise};
      return { greeting: name === "long" ? "x".repeat(410 * 1024) : "Hi " + name };
    } },
    undo: "remove",
    maxFailures: ${maxFailures},
  })],
});
`;

const named = (username: string, name: string): StoredItem => ({ ...userItem(username), name: { S: name } });
const users = (count: number) => Array.from({ length: count }, (_, n) => named(`u${n}`, "N"));

/** The first look takes the first hundred items that match: what is to fail later must not be among them. */
const behindTheFirstLook = (items: readonly StoredItem[]) => [...users(130), ...items];

async function bedWith(items: readonly StoredItem[], maxFailures: number) {
  const project = await projectWith({ [`${ID}.ts`]: greet(maxFailures) });
  const bed = await testBed({
    items,
    project,
    scan: { segments: 1, pageItems: 20, gather: 10, checkpointMs: 0 },
  });
  return bed;
}

async function rename(bed: TestBed, username: string, name: string): Promise<void> {
  await bed.client.send(
    new UpdateItemCommand({
      TableName: bed.environment.table,
      Key: { PK: { S: `USER#${username}` }, SK: { S: `#METADATA#${username}` } },
      UpdateExpression: "SET #name = :name",
      ExpressionAttributeNames: { "#name": "name" },
      ExpressionAttributeValues: { ":name": { S: name } },
    }),
  );
}

test("a throw in the middle of the table: failed, with the item's key and the attempt kept; up goes on after the fix", async () => {
  const bed = await bedWith(users(130), 0);
  const poison = (await bed.items()).at(-1)?.username?.S ?? "";
  await rename(bed, poison, "?");
  const failed = await migrateUp(bed.environment);
  expect(resultsOf(failed)).toEqual({ [ID]: "failed" });
  expect(failed.error).toMatchObject({
    code: "migration-failed",
    exitCode: 1,
    message: expect.stringContaining(`USER#${poison} / #METADATA#${poison}: no name`),
  });
  const history = await bed.history();
  expect(history.migrations[0]).toMatchObject({ state: "failed", error: { code: "migration-failed" } });
  expect(history.events.at(-1)).toMatchObject({ outcome: "failed", error: expect.stringContaining(poison) });
  const checkpoint = history.segments[0];
  expect(checkpoint?.cursor).toBeDefined();
  const status = await migrateStatus(bed.environment);
  expect(statusText(status)).toMatch(/greet: pass 1, 0 of 1 segments done, \d+ items read/);

  const mended = await projectWith({ [`${ID}.ts`]: greet(0, "return undefined") });
  const again = await migrateUp({ ...bed.environment, migrations: migrationsOf(mended, "quick-photos") });
  expect(resultsOf(again)).toEqual({ [ID]: "applied" });
  const greeted = (await bed.items()).filter((item) => item.greeting);
  expect(greeted).toHaveLength(129);
  expect((await bed.history()).scans).toEqual([]);
});

test("within its budget a step sets items aside, says so in status, and retry-failed deals with them", async () => {
  const items = behindTheFirstLook([named("bad", "?"), named("long", "long")]);
  const bed = await bedWith(items, 2);
  const result = await migrateUp(bed.environment);
  expect(resultsOf(result)).toEqual({ [ID]: "applied" });
  expect(result.results[0]?.steps[0]?.counts).toMatchObject({ items: 130, failed: 2 });
  const status = await migrateStatus(bed.environment);
  const [step] = status.migrations[0]?.steps ?? [];
  expect(step?.setAside?.map(({ shownKey, error }) => [shownKey, error]).sort()).toEqual([
    ["USER#bad / #METADATA#bad", "no name"],
    ["USER#long / #METADATA#long", expect.stringMatching(/size/i)],
  ]);
  expect(step?.setAside?.every(({ attempts }) => attempts > 1)).toBe(true);
  expect(statusText(status)).toContain("greet: 2 set aside");
  const hidden = JSON.stringify(await migrateStatus({ ...bed.environment, redact: true }));
  expect(hidden).toContain("(hidden by --redact)");
  expect(hidden).not.toMatch(/USER#bad|no name/);

  await rename(bed, "bad", "B");
  const first = await retryFailed(bed.environment);
  expect(first).toMatchObject({ left: 1, steps: [{ solved: ["USER#bad / #METADATA#bad"] }] });
  await rename(bed, "long", "L");
  expect(await retryFailed(bed.environment)).toMatchObject({ left: 0 });
  expect((await bed.history()).deadLetters).toEqual([]);
  expect((await bed.items()).filter((item) => item.greeting)).toHaveLength(132);

  const before = await bed.history();
  expect(await retryFailed(bed.environment)).toMatchObject({ steps: [], left: 0 });
  expect(await bed.history()).toEqual(before);
});

test("one item more than the budget fails the migration, and down forgets what was set aside", async () => {
  const bed = await bedWith(behindTheFirstLook([named("bad", "?"), named("worse", "?")]), 1);
  const result = await migrateUp(bed.environment);
  expect(resultsOf(result)).toEqual({ [ID]: "failed" });
  expect(result.error?.message).toMatch(/USER#(bad|worse).*: no name \(and 1 items are set aside already\)/);
  expect((await bed.history()).deadLetters).toHaveLength(1);
  await migrateDown(bed.environment);
  expect((await bed.history()).deadLetters).toEqual([]);
  expect((await bed.items()).filter((item) => item.greeting)).toEqual([]);
});

test("a member of which nobody can say where it counts is set aside, and not marked", async () => {
  const step = counter({
    id: "fans",
    members: { SK: { beginsWith: "#FRIEND#" } },
    mark: "counted",
    on: { SK: { beginsWith: "#METADATA#" } },
    attributes: ["fans"],
    counts: ({ PK, followingUser }) => {
      if (followingUser === "b") throw new Error("not b");
      const username = String(PK).slice("USER#".length);
      return [{ key: { PK: `USER#${username}`, SK: `#METADATA#${username}` }, path: ["fans"] }];
    },
    maxFailures: 1,
  });
  const items = [userItem("a"), friendshipItem("a", "b"), friendshipItem("a", "c")];
  const bed = await testBed({ items });
  const context = stepContext(bed);
  const { counts } = await counterKind.run(step, context);
  expect(counts).toMatchObject({ members: 1, orphans: 0, failed: 1 });
  const after = await bed.items();
  expect(after.find((item) => item.fans)?.fans).toEqual({ N: "1" });
  expect(after.filter((item) => item.SK?.S === "#FRIEND#b")[0]?.counted).toBeUndefined();
});
