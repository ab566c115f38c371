import { expect, test } from "vitest";
import { LeaseLostError, withLease } from "../../src/ledger/index.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { openTable } from "../../src/migrate/environment.ts";
import { PlanChangedError } from "../../src/migrate/index.ts";
import { chooseDown } from "../../src/migrate/plan.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { FakeClock, tappedClient } from "../ledger/support.ts";
import { countersOf, recount, smallTable } from "./photos.ts";
import { statesOf, testBed } from "./support.ts";

test("two that migrate at once: each migration runs once, and the second finds nothing to do", async () => {
  const bed = await testBed({ items: smallTable(8), indexes: true });
  const results = await Promise.all([migrateUp(bed.environment), migrateUp(bed.environment)]);
  expect(results.flatMap(({ results: ran }) => ran.map(({ result }) => result))).toEqual([
    "applied",
    "applied",
    "applied",
  ]);
  const { events, lease } = await bed.history();
  expect(events.filter(({ outcome }) => outcome === "applied")).toHaveLength(3);
  expect(lease?.term).toBe(2);
  const items = await bed.items();
  expect(countersOf(items)).toEqual(recount(items));
});

test("down reverts what was confirmed or nothing, also where somebody migrates while it waits", async () => {
  const bed = await testBed({ items: smallTable(2), indexes: true });
  await migrateUp(bed.environment);
  const [first, second, third] = (await migrateStatus(bed.environment)).migrations.map(({ id }) => id);
  const plan = await chooseDown(bed.environment);
  const confirmed = plan.planned.map(({ id }) => id);
  expect(confirmed).toEqual([third]);

  const { client } = tappedClient();
  let other: Promise<unknown> | undefined;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        // The first write of a run takes the lease: the look before it is over.
        if (commandName === "UpdateItemCommand") {
          other ??= migrateDown(bed.environment, { confirmed });
          await other;
        }
        return next(args);
      },
    { step: "initialize", name: "somebodyElse" },
  );
  const running = migrateDown(bed.through(client), { confirmed });
  await expect(running).rejects.toThrow(PlanChangedError);
  await expect(running).rejects.toMatchObject({
    code: "plan-changed",
    exitCode: 3,
    message: expect.stringContaining(`${third} was confirmed, ${second} would`),
    facts: { confirmed: [third], now: [second] },
  });
  expect(statesOf(await migrateStatus(bed.environment))).toMatchObject({
    [String(second)]: "applied",
    [String(third)]: "pending",
  });
  // Nothing was there to be confirmed, and now there is something; and the other way round.
  await expect(migrateDown(bed.environment, { confirmed: [] })).rejects.toThrow(PlanChangedError);
  await migrateDown(bed.environment);
  await expect(migrateDown(bed.environment, { to: String(first), confirmed })).rejects.toThrow(
    PlanChangedError,
  );
});

test("a run that hangs is taken over, and writes nothing into the history afterwards", async () => {
  const bed = await testBed({ items: smallTable(4), indexes: true });
  const { client: frozen, tap } = tappedClient();
  let wake: () => void = () => {};
  const sleeping = new Promise<void>((resolve) => {
    wake = resolve;
  });
  let hangs: () => void = () => {};
  const hanging = new Promise<void>((resolve) => {
    hangs = resolve;
  });
  frozen.middlewareStack.add(
    (next, context) => async (args) => {
      // The first backfill's first write: by then 0002 is "running".
      if (context.commandName === "UpdateItemCommand" && tap.commands.includes("ScanCommand")) {
        hangs();
        await sleeping;
      }
      return next(args);
    },
    { step: "initialize", name: "hang" },
  );
  const zombie = migrateUp({ ...bed.through(frozen), lease: { clock: new FakeClock() } });
  await hanging;
  expect(statesOf(await migrateStatus(bed.environment))).toMatchObject({
    "0002-backfill-reaction-counts": "running",
  });

  const clock = new FakeClock();
  const taker = migrateUp({ ...bed.environment, lease: { clock } });
  await clock.slept(1);
  clock.advance(10_000);
  const taken = await taker;
  expect(taken.results.map(({ result }) => result)).toEqual(["applied", "applied"]);
  const history = await bed.history();

  wake();
  await expect(zombie).rejects.toThrow(LeaseLostError);
  expect(await bed.history()).toEqual(history);
  const items = await bed.items();
  expect(countersOf(items)).toEqual(recount(items));
});

test("a run whose lease is free again shows as interrupted, and goes on from its unfinished step", async () => {
  const bed = await testBed({ items: smallTable(3), indexes: true });
  const controller = new AbortController();
  const { client, tap } = tappedClient();
  tap.afterCall = () => {
    if (tap.commands.at(-1) === "UpdateItemCommand" && tap.commands.includes("ScanCommand"))
      controller.abort();
  };
  const stopped = await migrateUp({ ...bed.through(client), signal: controller.signal });
  expect(stopped.error).toMatchObject({ code: "interrupted", exitCode: 130 });
  expect(stopped.results.map(({ result }) => result)).toEqual(["applied", "interrupted", "notRun"]);
  expect((await bed.history()).lease?.owner).toBeUndefined();
  expect((await migrateStatus(bed.environment)).pending).toBe(2);

  const again = await migrateUp(bed.environment);
  expect(again.results.map(({ id, result }) => [id.slice(0, 4), result])).toEqual([
    ["0002", "applied"],
    ["0003", "applied"],
  ]);
});

test("a lease held by a seeder makes migrate wait", async () => {
  const bed = await testBed({ items: smallTable(2), indexes: true });
  const { ledger } = await openTable(bed.environment, false);
  const order: string[] = [];
  const clock = new FakeClock();
  const migrating = await withLease(ledger, { command: "seed" }, async () => {
    const waiting = migrateUp({ ...bed.environment, lease: { clock } }).then(() => order.push("migrated"));
    await clock.slept(1);
    order.push("seeded");
    return { waiting };
  });
  clock.advance(500);
  await migrating.waiting;
  expect(order).toEqual(["seeded", "migrated"]);
});
