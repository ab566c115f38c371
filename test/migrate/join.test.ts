import { setTimeout as delay } from "node:timers/promises";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { joinResult } from "../../src/commands/migrate/render.ts";
import type { JoinResult } from "../../src/migrate/index.ts";
import { migrateJoin } from "../../src/migrate/join.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { FakeClock } from "../ledger/support.ts";
import { testClient } from "../support/tables.ts";
import { up as takeOver } from "./crash-matrix.ts";
import { countersOf, recount, smallTable, userItem } from "./photos.ts";
import { backfillFile, projectWith, resultsOf, spelled, statesOf, testBed } from "./support.ts";

const manyUsers = (count: number) => Array.from({ length: count }, (_, n) => userItem(`u${n}`));

/** Many small segments, one after the other, so that two processes have something to share. */
const SHARED = { segments: 12, workers: 1, pageItems: 2, gather: 2, checkpointMs: 0 };

/** A promise and the function that settles it. */
function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

interface Hooked {
  readonly client: DynamoDBClient;
  /** How often each command was sent. */
  readonly sent: Record<string, number>;
}

/** A client that calls `before` ahead of each command, and waits for it. */
function hooked(before: (command: string, nth: number) => Promise<unknown> | undefined): Hooked {
  const { client } = testClient();
  const sent: Record<string, number> = {};
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        sent[commandName] = (sent[commandName] ?? 0) + 1;
        await before(commandName, sent[commandName]);
        return next(args);
      },
    { step: "initialize", name: "hooked" },
  );
  return { client, sent };
}

const workOf = ({ helped }: JoinResult) => helped.flatMap(({ counts }) => counts.items ?? 0);

test("two processes share the segments of one scan, and every item is written once", async () => {
  const project = await projectWith({ "0001-a.ts": backfillFile("0001-a") });
  const bed = await testBed({ items: manyUsers(60), project, scan: SHARED });
  const started = gate();
  const helping = gate();
  const leader = hooked((command, nth) => {
    if (command !== "UpdateItemCommand" || nth < 3) return undefined;
    started.open();
    // The leader's first segment is not done before the helper has begun.
    return helping.opened;
  });
  const up = migrateUp(bed.through(leader.client));
  await started.opened;
  const helper = hooked((command) => {
    if (command === "UpdateItemCommand") helping.open();
    return undefined;
  });
  const joined = await migrateJoin(bed.through(helper.client));
  const result = await up;

  expect(resultsOf(result)).toEqual({ "0001-a": "applied" });
  expect(joined.run).toMatchObject({ command: "migrate up", term: 1, pid: process.pid });
  expect(workOf(joined)[0]).toBeGreaterThan(0);
  // The lease is claimed and shown by updates too.
  const updates = (leader.sent.UpdateItemCommand ?? 0) + (helper.sent.UpdateItemCommand ?? 0);
  expect(updates).toBeLessThan(60 + 6);
  expect(result.results[0]?.steps[0]?.counts).toMatchObject({ items: 60, conflicts: 0, passes: 2 });
  expect((await bed.items()).every((item) => item.level?.N === "1")).toBe(true);
  const { scans, segments } = await bed.history();
  expect([...scans, ...segments]).toEqual([]);
  expect(joinResult(joined).text).toMatch(/helped migrate up of .*\n.*0001-a, fill: \d+ items/);
});

test("a helper that hangs loses its segment to the leader, and writes nothing once it is woken", async () => {
  const project = await projectWith({ "0001-a.ts": backfillFile("0001-a") });
  const bed = await testBed({ items: manyUsers(40), project, scan: SHARED });
  const [started, hung, wake] = [gate(), gate(), gate()];
  const helper = hooked((command) => {
    if (command !== "UpdateItemCommand") return undefined;
    hung.open();
    return wake.opened;
  });
  const leader = hooked((command, nth) => {
    if (command !== "UpdateItemCommand" || nth < 3) return undefined;
    started.open();
    return hung.opened;
  });
  const clock = new FakeClock();
  const up = migrateUp({ ...bed.through(leader.client), lease: { clock } });
  await started.opened;
  const helperClock = new FakeClock();
  const joining = migrateJoin({ ...bed.through(helper.client), lease: { clock: helperClock } });
  await hung.opened;
  // The leader has done all but the helper's segment, and waits for signs of life, which do not come.
  const applied = (async () => {
    let ended = false;
    const result = up.finally(() => {
      ended = true;
    });
    while (!ended) {
      await delay(20);
      clock.advance(1_000);
    }
    return result;
  })();
  expect(resultsOf(await applied)).toEqual({ "0001-a": "applied" });
  const [items, history] = [spelled(await bed.items()), await bed.history()];
  expect(history.segments).toEqual([]);

  wake.open();
  const joined = await joining;
  expect(workOf(joined).filter((items) => items > 0)).toEqual([]);
  expect(spelled(await bed.items())).toEqual(items);
  expect(await bed.history()).toEqual(history);
});

test("a leader that dies is taken over, and the helper of the old run ends without another word", async () => {
  const project = await projectWith({ "0001-a.ts": backfillFile("0001-a") });
  const bed = await testBed({ items: manyUsers(30), project, scan: SHARED });
  const [started, hung, wake] = [gate(), gate(), gate()];
  const leader = hooked((command, nth) => {
    if (command !== "UpdateItemCommand" || nth < 3) return undefined;
    started.open();
    return hung.opened.then(() => Promise.reject(new Error("cut off")));
  });
  const dying = migrateUp({ ...bed.through(leader.client), lease: { clock: new FakeClock() } });
  await started.opened;
  const helper = hooked((command) => {
    if (command !== "UpdateItemCommand") return undefined;
    hung.open();
    return wake.opened;
  });
  const joining = migrateJoin({ ...bed.through(helper.client), lease: { clock: new FakeClock() } });
  await dying;
  await takeOver(bed.environment);
  expect(statesOf(await migrateStatus(bed.environment))).toEqual({ "0001-a": "applied" });
  const history = await bed.history();
  wake.open();
  expect((await joining).run?.term).toBe(1);
  expect(await bed.history()).toEqual(history);
  expect((await bed.items()).every((item) => item.level?.N === "1")).toBe(true);
});

test("counters stay exact when two processes count", async () => {
  const bed = await testBed({ items: smallTable(6), indexes: true, scan: { ...SHARED, segments: 6 } });
  const counting = gate();
  const leader = hooked((command) => {
    if (command === "UpdateItemCommand") counting.open();
    return undefined;
  });
  const up = migrateUp(bed.through(leader.client));
  await counting.opened;
  const [result] = await Promise.all([up, migrateJoin(bed.environment), migrateJoin(bed.environment)]);
  expect(result.error).toBeUndefined();
  const items = await bed.items();
  expect(countersOf(items)).toEqual(recount(items));
});

test("where nobody runs there is nothing to help, and nothing is written; another file is refused", async () => {
  const project = await projectWith({ "0001-a.ts": backfillFile("0001-a") });
  const bed = await testBed({ items: manyUsers(8), project, scan: SHARED });
  expect(await migrateJoin(bed.environment)).toMatchObject({ run: undefined, helped: [] });
  expect((await bed.history()).lease).toBeUndefined();

  const [started, refused] = [gate(), gate()];
  const leader = hooked((command, nth) => {
    if (command !== "UpdateItemCommand" || nth < 3) return undefined;
    started.open();
    return refused.opened;
  });
  const up = migrateUp(bed.through(leader.client));
  await started.opened;
  const other = await projectWith({ "0001-a.ts": backfillFile("0001-a", "{ level: 2 }") });
  await expect(
    migrateJoin({ ...bed.environment, migrations: migrationsOf(other, "quick-photos") }),
  ).rejects.toMatchObject({
    code: "joined-file",
    exitCode: 4,
  });
  refused.open();
  expect(resultsOf(await up)).toEqual({ "0001-a": "applied" });
});
