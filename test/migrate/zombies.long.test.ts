import { join } from "node:path";
import { expect, test } from "vitest";
import { migrateUp } from "../../src/migrate/up.ts";
import { type FaultRule, type SeenRequest, startFaultProxy } from "../faults/proxy.ts";
import { eventually, launch, type Running } from "../support/processes.ts";
import { sharedTarget } from "../support/tables.ts";
import { commandBed } from "./command-bed.ts";
import { expectSameOutcome } from "./outcome.ts";
import { quickPhotosSeed } from "./photos.ts";
import { testBed } from "./support.ts";

const engine = () => sharedTarget().endpoint ?? "";

/** Long enough for a process to be woken, and to find out that its lock is gone. */
const HOLD_MS = 15_000;

/** Whether a request writes to an item of a table, alone or in a transaction. */
const writesItem = (table: string, { body }: SeenRequest) =>
  body.UpdateExpression !== undefined
    ? body.TableName === table
    : (body.TransactItems ?? []).some(
        (item) => (item as { Update?: { TableName: string } }).Update?.TableName === table,
      );

const keysOf = ({ body }: SeenRequest) =>
  (body.TransactItems ?? []).flatMap((item) =>
    Object.values(item as Record<string, { Key?: { SK?: { S?: string } } }>).map(
      ({ Key }) => Key?.SK?.S ?? "",
    ),
  );

/** Starts a process, and stops it with its first write to the items on the way, which is carried out. */
async function startZombie(table: string, start: (endpoint: string) => Running) {
  let stopped = false;
  const stopsIt: FaultRule = {
    where: (request) => {
      if (writesItem(table, request) && !stopped) {
        stopped = true;
        zombie.child.kill("SIGSTOP");
      }
      return false;
    },
    fault: { kind: "throttle" },
  };
  const proxy = await startFaultProxy(engine(), { rules: [stopsIt] });
  const zombie = start(proxy.endpoint);
  await eventually(() => stopped, "its first write to an item", 120);
  await proxy.settled();
  return { zombie, proxy };
}

test("five run at once, one is stopped past its lease and woken: it writes nothing, exits 3 and names who has the lock", async () => {
  const items = quickPhotosSeed();
  const undisturbed = await commandBed({ items });
  expect(await undisturbed.start(engine(), "up").finished).toMatchObject({ status: 0 });

  const bed = await commandBed({ items });
  const { table } = bed.environment;
  const { zombie, proxy: zombieProxy } = await startZombie(table, (endpoint) => bed.start(endpoint, "up"));

  const proxy = await startFaultProxy(engine(), {
    rules: [
      {
        // Holds whoever has taken over in its last step, once.
        operation: "TransactWriteItems",
        where: (request) => keysOf(request).some((key) => key.startsWith("#FRIEND#")),
        times: 1,
        fault: { kind: "delay", milliseconds: HOLD_MS },
      },
    ],
  });
  const runners = Array.from({ length: 4 }, () => bed.start(proxy.endpoint, "up"));
  const isHeld = () => proxy.requests.some(({ fault }) => fault === "delay");
  await eventually(isHeld, "another one has taken over, and is in its last step", 300);
  const before = zombieProxy.requests.length;
  zombie.child.kill("SIGCONT");
  const woken = await zombie.finished;
  expect(woken.status, woken.stderr).toBe(3);
  const pids = runners.map(({ child }) => child.pid);
  const [, named] = /it is held by migrate up of .* \(process (\d+)\)/.exec(woken.stderr) ?? [];
  expect(pids, woken.stderr).toContain(Number(named));
  const asked = zombieProxy.requests.slice(before);
  const applied = asked.filter(
    ({ operation, applied }) => applied && !["GetItem", "Query", "Scan", "DescribeTable"].includes(operation),
  );
  expect(applied).toEqual([]);

  const ended = await Promise.all(runners.map(({ finished }) => finished));
  for (const { status, stderr } of ended) expect(status, stderr).toBe(0);
  await expectSameOutcome(bed, undisturbed);
  const { events, lease } = await bed.history();
  expect([lease?.owner, lease?.term]).toEqual([undefined, 5]);
  // One applied each migration, whoever that was.
  const appliedOnce = events.filter(({ outcome }) => outcome === "applied").map(({ subject }) => subject);
  expect(new Set(appliedOnce).size).toBe(appliedOnce.length);
});

test("five share the segments of each scan, one of the helpers is stopped past its lease and woken: exact", async () => {
  const items = quickPhotosSeed();
  const undisturbed = await testBed({ items });
  expect((await migrateUp(undisturbed.environment)).error).toBeUndefined();

  const bed = await testBed({ items });
  const { table, ledgerTable, migrations } = bed.environment;
  const start = (verb: "up" | "join", endpoint: string) => {
    const argument = JSON.stringify({ verb, endpoint, table, ledgerTable, migrations });
    return launch(process.execPath, [join(import.meta.dirname, "migrate-process.mjs"), argument]);
  };
  // Slow enough that everybody gets something to do.
  const slow: FaultRule = {
    operation: ["UpdateItem", "TransactWriteItems"],
    fault: { kind: "delay", milliseconds: 50 },
  };
  const proxy = await startFaultProxy(engine(), { rules: [slow] });
  const leader = start("up", proxy.endpoint);
  const hasWritten = () => proxy.requests.some((request) => writesItem(table, request));
  await eventually(hasWritten, "the leader's first write to an item", 120);
  const helpers = [1, 2, 3].map(() => start("join", proxy.endpoint));
  const { zombie, proxy: zombieProxy } = await startZombie(table, (endpoint) => start("join", endpoint));
  const before = zombieProxy.requests.length;

  // Its segment is gone over by somebody else, or the others would never come to their end.
  const led = await leader.finished;
  expect(led.status, led.stderr).toBe(0);
  zombie.child.kill("SIGCONT");
  for (const { finished } of [...helpers, zombie]) {
    const { status, stderr } = await finished;
    expect(status, stderr).toBe(0);
  }
  const late = zombieProxy.requests
    .slice(before)
    .filter(({ operation }) => /Write|Put|Update/.test(operation));
  expect(late.filter(({ applied }) => applied)).toEqual([]);
  const shares = await Promise.all(helpers.map(async ({ finished }) => JSON.parse((await finished).stdout)));
  expect(shares.filter(({ items = 0, members = 0 }) => items + members > 0).length).toBeGreaterThan(0);
  await expectSameOutcome(bed, undisturbed);
});
