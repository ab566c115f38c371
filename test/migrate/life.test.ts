import { expect, test } from "vitest";
import { createClient } from "../../src/dynamo/client.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { planMigrations } from "../../src/migrate/plan.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { sharedTarget } from "../support/tables.ts";
import { countersOf, recount, smallTable, unmarked } from "./photos.ts";
import { resultsOf, spelled, statesOf, testBed } from "./support.ts";

const IDS = ["0001-add-inverted-index", "0002-backfill-reaction-counts", "0003-backfill-follow-counts"];
const each = <T>(value: T) => Object.fromEntries(IDS.map((id) => [id, value]));

test("up counts what an independent recount counts, and up again changes nothing at all", async () => {
  const bed = await testBed({ items: smallTable(12) });
  const before = await migrateStatus(bed.environment);
  expect(before).toMatchObject({ pending: 3, hasHistory: false });
  expect(statesOf(before)).toEqual(each("pending"));

  const result = await migrateUp(bed.environment);
  expect(result.error).toBeUndefined();
  expect(resultsOf(result)).toEqual(each("applied"));
  expect(result.pending).toBe(0);
  const items = await bed.items();
  expect(countersOf(items)).toEqual(recount(items));
  expect(unmarked(items)).toEqual([]);

  const history = await bed.history();
  const again = await migrateUp(bed.environment);
  expect(again.results).toEqual([]);
  expect(spelled(await bed.items())).toEqual(spelled(items));
  expect(await bed.history()).toEqual(history);
});

test("the ledger keeps who did what, and what each step wrote", async () => {
  const bed = await testBed({ items: smallTable(5) });
  await migrateUp(bed.environment);
  const { migrations, steps, events, lease } = await bed.history();
  expect(migrations.map(({ id, state }) => [id, state])).toEqual(IDS.map((id) => [id, "applied"]));
  expect(events.map(({ subject, outcome }) => `${subject} ${outcome}`)).toEqual(
    IDS.flatMap((id) => [`${id} started`, `${id} applied`]),
  );
  expect(events.every(({ pid, host, user }) => pid === process.pid && host && user)).toBe(true);
  expect(steps.map(({ step }) => step).sort()).toEqual([
    "count-friendships",
    "count-reactions",
    "ensure-index-InvertedIndex",
    "start-at-zero",
    "start-at-zero",
  ]);
  const friendships = steps.find(({ step }) => step === "count-friendships");
  expect(friendships?.counts).toMatchObject({ members: 10, orphans: 0 });
  expect(friendships?.writes.flatMap(({ attributes }) => attributes)).toEqual([
    "counted",
    "followers",
    "following",
  ]);
  expect(lease?.owner).toBeUndefined();
});

test("a plan writes nothing with a client that cannot write, and counts what up then does", async () => {
  const bed = await testBed({ items: smallTable(6) });
  const reader = createClient(sharedTarget(), { readOnly: true });
  const plan = await planMigrations(bed.through(reader.client));
  expect(plan.planned.map(({ id }) => id)).toEqual(IDS);
  const counts = plan.planned.flatMap(({ steps }) => steps.map(({ changes }) => changes));
  expect(counts).toEqual([1, 6, 12, 6, 12]);
  expect(spelled(await bed.items())).toEqual(spelled(smallTable(6)));
  expect((await migrateStatus(bed.through(reader.client))).hasHistory).toBe(false);

  await migrateUp(bed.environment);
  const after = await planMigrations(bed.through(reader.client), { includeApplied: true });
  expect(after.planned).toHaveLength(3);
  expect(after.changes).toBe(0);
  reader.client.destroy();
});

test("down brings back the table as it was, and up after it counts the same", async () => {
  const seed = smallTable(7);
  const bed = await testBed({ items: seed });
  await migrateUp(bed.environment);
  const counted = spelled(await bed.items());

  const down = await migrateDown(bed.environment, { steps: 2 });
  expect(down.results.map(({ id, result }) => [id, result])).toEqual([
    [IDS[2], "reverted"],
    [IDS[1], "reverted"],
  ]);
  expect(spelled(await bed.items())).toEqual(spelled(seed));
  expect(down.pending).toBe(2);

  await migrateUp(bed.environment);
  expect(spelled(await bed.items())).toEqual(counted);
});

test("up stops at --to, and down at --to", async () => {
  const bed = await testBed({ items: smallTable(3) });
  const up = await migrateUp(bed.environment, { to: IDS[1] });
  expect(Object.keys(resultsOf(up))).toEqual(IDS.slice(0, 2));
  expect(up.pending).toBe(1);
  const down = await migrateDown(bed.environment, { to: IDS[0] });
  expect(resultsOf(down)).toEqual({ [String(IDS[1])]: "reverted" });
  await expect(migrateUp(bed.environment, { to: "0009-none" })).rejects.toMatchObject({
    code: "unknown-migration",
    exitCode: 4,
  });
});

test("a table that was made again starts without history", async () => {
  const first = await testBed({ items: smallTable(2) });
  await migrateUp(first.environment);
  const second = await testBed({ items: smallTable(2), ledgerTable: first.environment.ledgerTable });
  expect(await migrateStatus(second.environment)).toMatchObject({ pending: 3, hasHistory: false });
});

test("on AWS a missing ledger is made by pulumi up, and by --create-ledger where the command has it", async () => {
  const onAws = { ...sharedTarget(), kind: "aws" } as const;
  const bed = await testBed({ indexes: true, target: onAws });
  const withOption = migrateUp({ ...bed.environment, createLedger: false });
  await expect(withOption).rejects.toMatchObject({
    code: "ledger-missing",
    exitCode: 3,
    next: expect.stringMatching(/pulumi up.*--create-ledger/),
  });
  const withoutOption = migrateUp(bed.environment);
  await expect(withoutOption).rejects.toMatchObject({ next: "Run `pulumi up`, which makes it." });
  const made = await migrateUp({ ...bed.environment, createLedger: true }, { to: IDS[0] });
  expect(made.error).toBeUndefined();
});
