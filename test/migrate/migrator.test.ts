import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createMigrator,
  type MigrateResult,
  type MigrationEvent,
  type MigrationRun,
  type Migrator,
  type MigratorOptions,
  writeSum,
} from "tablewright/migrate";
import { expect, expectTypeOf, onTestFinished, test } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { FakeClock } from "../ledger/support.ts";
import { allItems, createTestTable, putItems, testClient, uniqueName } from "../support/tables.ts";
import { userItem } from "./photos.ts";
import { backfillFile, REPOSITORY, resultsOf } from "./support.ts";

/** One for all tables of this file: making one takes longer than most tests. */
const LEDGER = uniqueName("ledger");
const users = (count: number) => Array.from({ length: count }, (_, n) => userItem(`user${n}`));

/** Cannot be stored: an item holds 400 KB. */
const TOO_LONG = '{ from: ["SK"], attributes: ["level"], values: () => ({ level: "x".repeat(410 * 1024) }) }';

/** A table and a folder of migrations as another team would have them: no project around it. */
async function bed(files: Readonly<Record<string, string>>, items: readonly StoredItem[]) {
  const parent = join(REPOSITORY.stateFolder, "tests");
  mkdirSync(parent, { recursive: true });
  // In this repository, so that the files find `tablewright/migrate`.
  const root = mkdtempSync(join(parent, "library-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, "changes");
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  await writeSum({ folder, root });
  const { client } = testClient();
  const table = await createTestTable(client, quickPhotos, { indexes: false });
  await putItems(client, table, items);
  const migrator = (options: Partial<MigratorOptions> = {}): Migrator =>
    createMigrator({ client, table, model: "photos", migrations: folder, ledger: LEDGER, ...options });
  const filled = async () =>
    (await allItems(client, table)).filter(({ level }) => level !== undefined).length;
  return { client, table, migrator, filled };
}

/** The events of a run until it is over, or until one is the last that is wanted. */
async function collect(
  run: AsyncIterable<MigrationEvent>,
  until?: MigrationEvent["type"],
): Promise<MigrationEvent[]> {
  const events: MigrationEvent[] = [];
  for await (const event of run) {
    events.push(event);
    if (event.type === until) break;
  }
  return events;
}

const typesOf = (events: readonly MigrationEvent[]) => events.map(({ type }) => type);
const ofType = <Type extends MigrationEvent["type"]>(events: readonly MigrationEvent[], type: Type) =>
  events.filter((event): event is Extract<MigrationEvent, { type: Type }> => event.type === type);

const TWO = {
  "0001-level.ts": backfillFile("0001-level"),
  "0002-rank.ts": backfillFile("0002-rank", "{ rank: 1 }"),
};

test("a run tells what happens, as plain data, and comes to a result; it is the same without anybody looking", async () => {
  const { migrator, filled } = await bed(TWO, users(5));
  const plan = await migrator().plan().result;
  expect(plan).toMatchObject({ model: "photos", changes: 10, pending: 2 });

  const run = migrator().up();
  expectTypeOf(run).toEqualTypeOf<MigrationRun<MigrateResult>>();
  const events = await collect(run);
  const result = await run.result;
  expect(resultsOf(result)).toEqual({ "0001-level": "applied", "0002-rank": "applied" });
  expect(result.pending).toBe(0);
  expect(await filled()).toBe(5);

  expect(JSON.parse(JSON.stringify(events))).toEqual(events);
  const step = ["stepBegun", "passBegun", "passFinished", "passBegun", "passFinished", "stepFinished"];
  const migration = ["migrationBegun", ...step, "migrationFinished"];
  expect(typesOf(events).filter((type) => type !== "progress")).toEqual([
    "runBegun",
    "migrationsChosen",
    ...migration,
    ...migration,
    "runFinished",
  ]);
  expect(events[0]).toMatchObject({ command: "up", model: "photos", at: expect.any(Number) });
  const names = { migration: "0001-level", step: "fill", kind: "backfill" };
  expect(ofType(events, "stepFinished")[0]).toMatchObject({
    ...names,
    result: "applied",
    outcome: "filled",
    counts: { items: 5 },
    seconds: expect.any(Number),
    // The five users, once each; the ledger's units are not the table's.
    consumed: { write: 5, read: expect.any(Number) },
  });
  expect(ofType(events, "passFinished").map(({ pass, found }) => [pass, found])).toEqual([
    [1, 5],
    [2, 0],
    [1, 5],
    [2, 0],
  ]);
  // What was to be done stood there before the first step: nothing of it had run.
  expect(ofType(events, "migrationsChosen")[0]?.results).toEqual(
    result.results.map(({ id, steps }) => ({
      id,
      result: "notRun",
      steps: steps.map(({ id: name, kind }) => ({ id: name, kind, result: "notRun", counts: {} })),
    })),
  );

  expect(resultsOf(await migrator().down({ steps: 2 }).result)).toEqual({
    "0002-rank": "reverted",
    "0001-level": "reverted",
  });
  expect(await filled()).toBe(0);
  // Over is over.
  expect(await collect(run)).toEqual([]);
});

test("a migration that fails is data; what comes after it was not run, and says so", async () => {
  const two = `import { backfill, defineMigration } from "tablewright/migrate";
const where = { SK: { beginsWith: "#METADATA#" } };
export default defineMigration({
  id: "0001-level",
  description: "fails",
  steps: [
    backfill({ id: "long", where, set: ${TOO_LONG}, undo: "remove" }),
    backfill({ id: "short", where, set: { rank: 1 }, undo: "remove" }),
  ],
});
`;
  const { migrator } = await bed({ ...TWO, "0001-level.ts": two }, users(1));
  const run = migrator().up();
  const events = await collect(run);
  const { results, error, pending } = await run.result;
  expect(error).toMatchObject({ code: "migration-failed", facts: { id: "0001-level", step: "long" } });
  expect(results).toMatchObject([
    {
      id: "0001-level",
      result: "failed",
      steps: [
        { id: "long", result: "failed", counts: {}, seconds: expect.any(Number) },
        { id: "short", result: "notRun", counts: {} },
      ],
    },
    { id: "0002-rank", result: "notRun", steps: [{ id: "fill", result: "notRun" }] },
  ]);
  expect(pending).toBe(2);
  expect(ofType(events, "migrationFinished")).toMatchObject([
    { migration: "0001-level", result: "failed", error: { code: "migration-failed" } },
  ]);
  expect(events.at(-1)).toMatchObject({ type: "runFinished", error: { code: "migration-failed" } });
  expect(await migrator().check()).toMatchObject({ verdict: "wrong", pending: 2 });
});

test("bad input rejects with its own error, in the result and in the iteration, and nobody need look", async () => {
  const { migrator } = await bed(TWO, users(1));
  await expect(migrator().up({ to: "0009-none" }).result).rejects.toMatchObject({
    code: "unknown-migration",
    exitCode: 4,
  });
  await expect(collect(migrator().up({ to: "0009-none" }))).rejects.toMatchObject({
    code: "unknown-migration",
  });
  // Nobody looks at it: an unhandled rejection would fail this test's process.
  migrator().up({ to: "0009-none" });
  expect(() => migrator({ rate: ["fast"] })).toThrow(/"fast" is no rate/);
  await expect(migrator({ table: uniqueName("none") }).up().result).rejects.toMatchObject({
    code: "table-not-found",
  });
  expect((await migrator().history()).events).toEqual([]);
});

test("a signal ends a run where it can go on; who leaves its events does not", async () => {
  const { migrator, filled } = await bed(TWO, users(5));
  const controller = new AbortController();
  const stopped = migrator({ signal: controller.signal }).up();
  for await (const event of stopped) if (event.type === "passFinished") controller.abort();
  const { results, error } = await stopped.result;
  expect(error).toMatchObject({ code: "interrupted", message: "stopped by the signal of its caller" });
  expect(results.map(({ result }) => result)).toEqual(["interrupted", "notRun"]);
  expect(await migrator().check()).toMatchObject({ verdict: "wrong" });

  const run = migrator().up();
  const whole = collect(run);
  // The run goes on without them, and each of them gets what is told while it listens.
  expect(typesOf(await collect(run, "migrationsChosen"))).toEqual(["runBegun", "migrationsChosen"]);
  const late = await collect(run);
  expect(late[0]?.type).not.toBe("runBegun");
  expect(late.at(-1)?.type).toBe("runFinished");
  expect((await whole).slice(-late.length)).toEqual(late);
  expect(resultsOf(await run.result)).toEqual({ "0001-level": "applied", "0002-rank": "applied" });
  expect(await filled()).toBe(5);
});

test("two migrators on one table: each migration runs once, and the second one says whom it waits for", async () => {
  const { migrator } = await bed(TWO, users(3));
  const runs = [migrator().up(), migrator().up()];
  const events = await Promise.all(runs.map((run) => collect(run)));
  const results = await Promise.all(runs.map(({ result }) => result));
  expect(results.flatMap(({ results: ran }) => ran.map(({ result }) => result))).toEqual([
    "applied",
    "applied",
  ]);
  const waits = ofType(events.flat(), "waiting");
  expect(waits).toMatchObject([{ for: "lock", holder: { command: "migrate up", pid: process.pid } }]);
});

test("everything goes by the clock that is given: rates, orders, progress and the lock", async () => {
  const { client, migrator, filled } = await bed({ "0001-level.ts": backfillFile("0001-level") }, users(20));
  let onTheWire = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      onTheWire += 1;
      return next(args).finally(() => {
        onTheWire -= 1;
      });
    },
    { step: "deserialize", name: "count" },
  );
  const clock = new FakeClock();
  const run = migrator({ clock, rate: ["2wcu"], progressMs: 1_000 }).up();
  const events: MigrationEvent[] = [];
  const seen = (type: MigrationEvent["type"]) => ofType(events, type).length > 0;
  let isOver = false;
  const looking = (async () => {
    for await (const event of run) events.push(event);
  })().finally(() => {
    isOver = true;
  });
  /** Lets time pass while nothing is on its way: an answer takes none of it. */
  const pass = async (done: () => boolean) => {
    while (!done()) {
      await new Promise((resolve) => setImmediate(resolve));
      if (onTheWire === 0) clock.advance(100);
    }
  };
  await pass(() => isOver || (seen("passBegun") && seen("progress")));
  expect(ofType(events, "rateChanged")).toMatchObject([{ write: 2, read: null, isShare: false }]);
  const other = migrator({ clock });
  await other.order({ action: "pause", reason: "the shop is slow" });
  await pass(() => isOver || seen("paused"));
  // Paused, no time that passes lets anything through.
  const [before, pausedAt] = [await filled(), clock.now()];
  expect(before).toBeLessThan(20);
  await pass(() => isOver || clock.now() - pausedAt > 60_000);
  expect(await filled()).toBe(before);
  expect(await other.status()).toMatchObject({ migrations: [{ state: "running" }] });

  await other.order({ action: "rate", rate: ["none"] });
  await other.order({ action: "resume" });
  await pass(() => isOver);
  await looking;
  expect(resultsOf(await run.result)).toEqual({ "0001-level": "applied" });
  expect(await filled()).toBe(20);
  expect(ofType(events, "paused")).toMatchObject([{ by: { reason: "the shop is slow" } }]);
  expect(seen("resumed")).toBe(true);
  // By the clock that was given more than a minute has passed; by any other some seconds.
  expect(events.at(-1)?.at).toBeGreaterThan(60);
  expect(ofType(events, "stepFinished")[0]?.seconds).toBeGreaterThan(60);
  expect(ofType(events, "progress").length).toBeGreaterThan(30);
});

test("whoever iterates and never comes for its events is kept a bounded number of them, and is told", async () => {
  const chatty = `import { defineMigration, script } from "tablewright/migrate";
export default defineMigration({
  id: "0001-chatty",
  description: "says much",
  steps: [script({ id: "say", idempotent: true, run: ({ log }) => {
    for (let line = 0; line < 3_000; line += 1) log.info(String(line));
    return Promise.resolve({});
  } })],
});
`;
  const { migrator } = await bed({ "0001-chatty.ts": chatty }, []);
  const run = migrator().up();
  const iterator = run[Symbol.asyncIterator]();
  await run.result;
  const events: MigrationEvent[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) events.push(next.value);
  expect(events).toHaveLength(1_001);
  const [missed, ...rest] = events;
  const told = 1 + 1 + 1 + 1 + 3_000 + 1 + 1 + 1;
  expect(missed).toMatchObject({ type: "eventsMissed", count: told - rest.length });
  expect(rest.at(-1)?.type).toBe("runFinished");
});
