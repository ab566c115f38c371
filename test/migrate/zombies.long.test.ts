import { expect, test } from "vitest";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { eventually } from "../support/processes.ts";
import { sharedTarget } from "../support/tables.ts";
import { commandBed } from "./command-bed.ts";
import { expectSameOutcome } from "./outcome.ts";
import { quickPhotosSeed } from "./photos.ts";

const engine = () => sharedTarget().endpoint ?? "";

/** Long enough for a process to be woken, and to find out that its lock is gone. */
const HOLD_MS = 15_000;

const keysOf = (body: Parameters<NonNullable<FaultRule["where"]>>[0]["body"]) =>
  (body.TransactItems ?? []).flatMap((item) =>
    Object.values(item as Record<string, { Key?: { SK?: { S?: string } } }>).map(
      ({ Key }) => Key?.SK?.S ?? "",
    ),
  );

test("five run at once, one is stopped past its lease and woken: it writes nothing, exits 3 and names who has the lock", async () => {
  const items = quickPhotosSeed();
  const undisturbed = await commandBed({ items });
  expect(await undisturbed.start(engine(), "up").finished).toMatchObject({ status: 0 });

  const bed = await commandBed({ items });
  const { table } = bed.environment;
  let stopped = false;
  const zombieProxy = await startFaultProxy(engine(), {
    rules: [
      {
        // Stopped with its first write to the items on the way, which is carried out.
        where: ({ operation, body }) => {
          if (operation === "UpdateItem" && body.TableName === table && !stopped) {
            stopped = true;
            zombie.child.kill("SIGSTOP");
          }
          return false;
        },
        fault: { kind: "throttle" },
      },
    ],
  });
  const zombie = bed.start(zombieProxy.endpoint, "up");
  await eventually(() => stopped, "the first write to an item", 120);
  await zombieProxy.settled();

  const proxy = await startFaultProxy(engine(), {
    rules: [
      {
        // Holds whoever has taken over in its last step, once.
        operation: "TransactWriteItems",
        where: ({ body }) => keysOf(body).some((key) => key.startsWith("#FRIEND#")),
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
