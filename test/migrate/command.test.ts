import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AttributeValue, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { migrateCommand } from "../../src/commands/migrate.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { writeSum } from "../../src/migrate/write-sum.ts";
import { IndexLife } from "../faults/index-life.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { runCommand } from "../support/run-command.ts";
import { sharedTarget } from "../support/tables.ts";
import { commandBed as makeBed } from "./command-bed.ts";
import { backfillFile } from "./support.ts";

const ENGINE = () => sharedTarget().endpoint ?? "";

/** A table and the command on it, in this process or as one of its own. */
async function commandBed(options: { indexes?: boolean } = {}) {
  const { environment, place, start } = await makeBed(options);
  const migrateAt = (endpoint: string, ...args: string[]) =>
    runCommand(migrateCommand, ["migrate", ...args, ...place, endpoint]);
  const migrate = (...args: string[]) => migrateAt(ENGINE(), ...args);
  const json = async (...args: string[]) => {
    const { status, stdout } = await migrate(...args, "--json");
    return { status, document: JSON.parse(stdout) };
  };
  const spawned = (...args: string[]) => start(ENGINE(), ...args).finished;
  return { table: environment.table, environment, migrate, migrateAt, json, spawned };
}

const states = (document: { migrations: { state: string }[] }) =>
  document.migrations.map(({ state }) => state);

test("plan, history, redo, repair, unlock, baseline: text, JSON and exit codes", {
  timeout: 60_000,
}, async () => {
  const { table, migrate, json } = await commandBed();
  const plan = await json("plan", "--to", "0001-add-inverted-index");
  expect(plan).toMatchObject({
    status: 0,
    document: { dryRun: true, planned: [{ steps: [{ changes: 1 }] }] },
  });
  expect((await migrate("history")).stdout).toContain("no history of this table");
  expect(await json("baseline")).toMatchObject({
    status: 1,
    document: { error: { code: "baseline-refused" } },
  });
  await migrate("up", "--to", "0002-backfill-reaction-counts");

  const history = await json("history", "--limit", "1");
  expect(history.document).toMatchObject({
    total: 4,
    events: [{ subject: "0002-backfill-reaction-counts", outcome: "applied" }],
  });
  expect((await migrate("history")).stdout).toMatch(
    /up 0001-add-inverted-index: applied in \d+\.\d s\n.*commit/,
  );

  expect(await json("redo")).toMatchObject({ status: 4, document: { error: { code: "usage" } } });
  expect(await json("redo", "--yes")).toMatchObject({
    status: 0,
    document: { down: { results: [{ result: "reverted" }] }, up: { results: [{ result: "applied" }] } },
  });

  expect(await migrate("unlock")).toMatchObject({ status: 0, stdout: `${table}: nobody holds the lock\n` });
  const repair = ["repair", "0002-backfill-reaction-counts", "--reason", "a test"];
  expect((await json(...repair)).document.error.next).toMatch(
    /--accept-edit, --mark-applied, --mark-pending/,
  );
  expect((await json(...repair, "--mark-pending", "--dry-run")).document.changes).toHaveLength(3);
  expect(await json(...repair, "--mark-pending")).toMatchObject({ status: 4 });
  expect(await json(...repair, "--mark-pending", "--yes")).toMatchObject({ status: 0 });
  expect(await json("baseline", "--to", "0002-backfill-reaction-counts")).toMatchObject({
    status: 0,
    document: { ids: ["0002-backfill-reaction-counts"] },
  });
});

test("check, dry run, up, down, new: text, JSON and exit codes", { timeout: 120_000 }, async () => {
  const { table, migrate, json, spawned } = await commandBed();

  const pending = await spawned("check", "--json");
  expect(pending.status).toBe(2);
  const document = JSON.parse(pending.stdout);
  expect(document).toMatchObject({ command: "migrate check", model: "quick-photos", table, pending: 3 });
  expect(states(document)).toEqual(["pending", "pending", "pending"]);
  expect(await json("check")).toEqual({ status: 2, document });

  const dry = await migrate("up", "--dry-run");
  expect(dry).toMatchObject({ status: 0 });
  expect(dry.stdout).toContain("create the index InvertedIndex");
  expect(dry.stdout).toContain("count 6 items");
  expect((await json("status")).document.pending).toBe(3);

  const up = await json("up");
  expect(up).toMatchObject({ status: 0, document: { command: "migrate up", pending: 0 } });
  expect(states(up.document)).toEqual(["applied", "applied", "applied"]);
  expect(up.document.migrations[0]).toMatchObject({
    appliedAt: expect.stringMatching(/^\d{4}-/),
    steps: [{ id: "ensure-index-InvertedIndex", outcome: "created", state: "applied" }],
  });
  expect((await migrate("check")).status).toBe(0);

  const unconfirmed = await json("down");
  expect(unconfirmed).toMatchObject({ status: 4, document: { error: { code: "usage" } } });
  expect((await migrate("down", "--steps", "1", "--to", "0001-add-inverted-index")).status).toBe(4);
  expect((await migrate("down", "--steps", "0", "--yes")).status).toBe(4);
  const down = await migrate("down", "--steps", "3", "--yes");
  expect(down.status).toBe(0);
  expect(down.stdout.match(/reverted/g)).toHaveLength(3);

  const made = await json("new", "drop old things");
  expect(made.document).toMatchObject({
    id: "0004-drop-old-things",
    file: "migrations/quick-photos/0004-drop-old-things.ts",
  });
  expect((await json("status")).document).toMatchObject({ pending: 4 });
});

test("a failed migration is never green: up exits 1, check after it, and up again", async () => {
  const { migrate, json, environment } = await commandBed({ indexes: true });
  const { migrations } = environment;
  // More than an item can hold.
  const set = '{ from: ["SK"], attributes: ["big"], values: () => ({ big: "x".repeat(410 * 1024) }) }';
  const text = backfillFile("0004-fails", set);
  writeFileSync(join(migrations.folder, "0004-fails.ts"), text);
  await writeSum(migrations);
  const failed = await json("up");
  expect(failed).toMatchObject({
    status: 1,
    document: { error: { code: "migration-failed" }, results: [{}, {}, {}, { result: "failed" }] },
  });
  expect(await migrate("check")).toMatchObject({ status: 1, stdout: expect.stringMatching(/failed +0004/) });
  expect(await migrate("up")).toMatchObject({ status: 1 });
});

test("down refuses to revert anything but what it asked about", async () => {
  const { environment, migrateAt, json } = await commandBed({ indexes: true });
  await migrateUp(environment);
  // From its first write on, which takes the lock, nothing of this run gets through until the other is done.
  let other: Promise<unknown> | undefined;
  let otherDone = false;
  const proxy = await startFaultProxy(ENGINE(), {
    rules: [
      {
        operation: "UpdateItem",
        where: () => {
          other ??= migrateDown(environment).then(() => {
            otherDone = true;
          });
          return !otherDone;
        },
        fault: { kind: "throttle" },
      },
    ],
  });
  const refused = await migrateAt(proxy.endpoint, "down", "--yes", "--json");
  await other;
  expect(refused.status).toBe(3);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    command: "migrate down",
    error: { code: "plan-changed" },
  });
  expect(states((await json("status")).document)).toEqual(["applied", "applied", "pending"]);
});

test("reconcile: text, JSON and exit codes", { timeout: 60_000 }, async () => {
  const { environment, table, migrate, json } = await commandBed({ indexes: true });
  expect((await migrate("reconcile")).stdout).toBe(`${table}: no migration that counts is applied\n`);
  await migrateUp(environment);
  expect((await migrate("reconcile")).stdout).toBe(`${table}: 18 counters, each equals its members\n`);
  const tamper = (UpdateExpression: string, value: AttributeValue) =>
    environment.client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { PK: { S: "USER#user0" }, SK: { S: "#METADATA#user0" } },
        UpdateExpression,
        ExpressionAttributeValues: { ":value": value },
      }),
    );
  await tamper("ADD followers :value", { N: "3" });
  const line = "  USER#user0 / #METADATA#user0  followers: was 5, is 2";
  const dry = await migrate("reconcile", "--dry-run");
  expect(dry.status).toBe(0);
  expect(dry.stdout).toBe(
    `${table}: 18 counters, 1 differ from their members; nothing was written\n${line}\n`,
  );
  const { status, document } = await json("reconcile");
  expect(status).toBe(0);
  expect(document).toMatchObject({
    command: "migrate reconcile",
    dryRun: false,
    table,
    counters: 18,
    repaired: 1,
    unrepaired: 0,
    unmarked: 0,
    found: [{ step: "count-friendships", counter: "followers", was: 5, is: 2, result: "repaired" }],
  });
  await tamper("SET followers = :value", { S: "many" });
  const failed = await migrate("reconcile");
  expect(failed.status).toBe(1);
  expect(failed.stdout).toContain("was unreadable, is 2  not repaired: it is no whole number");
  expect((await migrate("history", "--limit", "1")).stdout).toContain(
    "reconcile 0003-backfill-follow-counts",
  );
});

test("up --detach leaves an index that is being built: exit 2, and status says how far it is", async () => {
  const { migrateAt } = await commandBed();
  const life = new IndexLife("InvertedIndex", "filling");
  const proxy = await startFaultProxy(ENGINE(), { rules: life.rules });
  const migrate = (...args: string[]) => migrateAt(proxy.endpoint, ...args);
  expect((await migrate("up", "--wait", "soon")).status).toBe(4);
  const left = await migrate("up", "--detach");
  expect(left.status).toBe(2);
  expect(left.stdout).toContain("waiting  0001-add-inverted-index");
  expect(left.stdout).toContain("Run the command again");
  const status = await migrate("status");
  expect(status.stdout).toMatch(
    /pending +0001-add-inverted-index .*\n +ensure-index-InvertedIndex: backfilling\n/,
  );
  const waited = await migrate("up", "--wait", "0s", "--json");
  expect(waited.status).toBe(2);
  expect(JSON.parse(waited.stdout)).toMatchObject({
    error: { code: "not-yet" },
    results: [{ result: "waiting" }, { result: "notRun" }, { result: "notRun" }],
    migrations: [{ state: "pending", steps: [{ state: "running", stage: "backfilling" }] }, {}, {}],
  });
  expect((await migrate("check")).status).toBe(2);
  life.stage = "active";
  expect((await migrate("up", "--wait", "10m")).status).toBe(0);
});
