import { expect, test } from "vitest";
import { statusText } from "../../src/commands/migrate/render.ts";
import { parseRate } from "../../src/dynamo/pace/rate-limit.ts";
import { withLease } from "../../src/ledger/index.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { type MigrationEnvironment, openTable } from "../../src/migrate/environment.ts";
import { NoRunError } from "../../src/migrate/index.ts";
import { orderRun } from "../../src/migrate/order-run.ts";
import { Progress } from "../../src/migrate/progress.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { FakeClock } from "../ledger/support.ts";
import { testClient } from "../support/tables.ts";
import { userItem } from "./photos.ts";
import { backfillFile, projectWith, resultsOf, statesOf, testBed } from "./support.ts";

const POLL_MS = 2_000;
const users = (count: number) => Array.from({ length: count }, (_, n) => userItem(`user${n}`));

/** Resolves when a condition holds; the test's own time ends it where it never does. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A table with a backfill to run, the run on a clock of its own, and somebody else on another connection. */
async function orderBed(count: number, rate: readonly string[]) {
  const project = await projectWith({ "0001-fill.ts": backfillFile("0001-fill") });
  const bed = await testBed({ items: users(count), indexes: true, project });
  const clock = new FakeClock();
  const progress = new Progress();
  const lease = { clock };
  const environment: MigrationEnvironment = { ...bed.environment, lease, progress, rate: parseRate(rate) };
  const other = bed.through(testClient().client);
  const view = () => progress.view();
  /** Waits until the run has come to its writes. */
  const writing = () => until(() => (view()?.written ?? 0) > 0);
  const filled = async () => (await bed.items()).filter(({ level }) => level !== undefined).length;
  return { bed, clock, environment, other, view, writing, filled };
}

test("pause, rate and resume reach a run from another machine, and stand in the history", async () => {
  const { bed, clock, environment, other, view, writing, filled } = await orderBed(30, ["2wcu"]);
  const running = migrateUp(environment);
  await writing();
  expect(view()).toMatchObject({
    migration: "0001-fill",
    step: "fill",
    pass: 1,
    pace: { write: { limit: 2 } },
  });

  const pause = await orderRun(other, { action: "pause", reason: "the shop is slow" });
  expect(pause).toMatchObject({
    changed: true,
    holder: { command: "migrate up" },
    control: { paused: { reason: "the shop is slow" } },
  });
  expect(await orderRun(other, { action: "pause" })).toMatchObject({ changed: false });
  clock.advance(POLL_MS);
  await until(() => view()?.pace.paused !== undefined);
  expect(view()?.pace.paused).toMatch(/^paused by .* on .* \(the shop is slow\)$/);

  await orderRun(other, { action: "rate", rate: ["none"] });
  await until(() => clock.sleeps > 3);
  clock.advance(POLL_MS);
  await until(() => view()?.pace.write.limit === undefined);
  // Whoever looks learns what was ordered, and who did.
  const status = await migrateStatus(other);
  expect(status.run).toMatchObject({
    command: "migrate up",
    silentSeconds: expect.any(Number),
    paused: { reason: "the shop is slow", user: expect.any(String), at: expect.stringMatching(/^20/) },
    rate: { words: ["none"] },
  });
  expect(statusText(status)).toMatch(
    /migrate up of .* \(process \d+\)\n {2}paused by .* on .* \(the shop is slow\), .*Z\n {2}rate none, set by .* on .*Z/,
  );
  const before = await filled();
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(30);
  expect(await filled()).toBe(before);

  await orderRun(other, { action: "resume" });
  clock.advance(POLL_MS);
  expect(resultsOf(await running)).toEqual({ "0001-fill": "applied" });
  expect(await filled()).toBe(30);
  const { events } = await bed.history();
  expect(events.map(({ kind, action, outcome, reason }) => [kind, action, outcome, reason])).toEqual([
    ["migration", "up", "started", undefined],
    ["control", "pause", "ordered", "the shop is slow"],
    ["control", "rate", "none", undefined],
    ["control", "resume", "ordered", undefined],
    ["migration", "up", "applied", undefined],
  ]);
  // Each user is one unit of the table and one of the index; each pass reads them.
  expect(events.at(-1)?.consumed).toMatchObject({ write: 60, read: expect.any(Number) });
  expect(events.at(-1)?.consumed?.read).toBeGreaterThan(0);

  // An order is for the run that it was given to.
  expect((await migrateStatus(other)).run).toBeUndefined();
  const down = await migrateDown({ ...environment, rate: undefined });
  expect(resultsOf(down)).toEqual({ "0001-fill": "reverted" });
});

test("abort ends a run where it can go on, and says who and why; a paused one ends at once", async () => {
  const { clock, environment, other, writing, view, filled } = await orderBed(30, ["2wcu"]);
  const running = migrateUp(environment);
  await writing();
  await orderRun(other, { action: "pause" });
  clock.advance(POLL_MS);
  await until(() => view()?.pace.paused !== undefined);
  const order = { action: "abort", reason: "wrong table" } as const;
  // Two who order at once do not undo each other's orders.
  await Promise.all([orderRun(other, order), orderRun(other, { action: "rate", rate: ["none"] })]);
  await until(() => clock.sleeps > 3);
  clock.advance(POLL_MS);
  const stopped = await running;
  expect(resultsOf(stopped)).toEqual({ "0001-fill": "interrupted" });
  expect(stopped.error).toMatchObject({
    code: "run-aborted",
    exitCode: 130,
    message: expect.stringMatching(/^aborted by .* on .*: wrong table$/),
  });
  expect(await filled()).toBeLessThan(30);
  expect(statesOf(await migrateStatus(other))).toEqual({ "0001-fill": "interrupted" });
  // Neither pause nor abort holds for the next run.
  expect(resultsOf(await migrateUp(other))).toEqual({ "0001-fill": "applied" });
  expect(await filled()).toBe(30);
});

test("a stop lets the writes of the pages under way come to their end, and begins no other page", async () => {
  const { environment, other, writing, filled, bed } = await orderBed(20, ["10wcu"]);
  const controller = new AbortController();
  const running = migrateUp({ ...environment, signal: controller.signal });
  await writing();
  controller.abort();
  const stopped = await running;
  expect(stopped.error).toMatchObject({ code: "interrupted", exitCode: 130 });
  // The table is one page a segment: all were under way.
  expect(await filled()).toBe(20);
  expect((await bed.history()).lease?.owner).toBeUndefined();
  expect(resultsOf(await migrateUp(other))).toEqual({ "0001-fill": "applied" });
});

test("a paused run that is stopped ends at once", async () => {
  const { clock, environment, other, view, writing, filled } = await orderBed(30, ["2wcu"]);
  const controller = new AbortController();
  const running = migrateUp({ ...environment, signal: controller.signal });
  await writing();
  await orderRun(other, { action: "pause" });
  clock.advance(POLL_MS);
  await until(() => view()?.pace.paused !== undefined);
  controller.abort();
  expect((await running).error).toMatchObject({ code: "interrupted" });
  expect(await filled()).toBeLessThan(30);
});

test("orders without a run, to a seeder, and rates that cannot be are refused; nothing is written", async () => {
  const { bed, other } = await orderBed(1, []);
  await expect(orderRun(other, { action: "pause" })).rejects.toThrow(NoRunError);
  const { ledger } = await openTable(bed.environment, false);
  await withLease(ledger, { command: "seed" }, async () => {
    const refused = orderRun(other, { action: "abort" });
    await expect(refused).rejects.toMatchObject({
      code: "no-run",
      exitCode: 3,
      message: expect.stringMatching(
        /no migration is under way .* held by seed of .*, which takes no orders/,
      ),
    });
  });
  await expect(orderRun(other, { action: "rate", rate: ["fast"] })).rejects.toMatchObject({ exitCode: 4 });
  await expect(orderRun(other, { action: "rate", rate: ["50%"] })).rejects.toThrow(/neither provisioned/);
  await expect(migrateUp({ ...other, rate: parseRate(["50%"]) })).rejects.toThrow(/neither provisioned/);
  expect((await bed.history()).events).toEqual([]);
});
