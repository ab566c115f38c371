import { expect, test } from "vitest";
import {
  LeaseHeldError,
  LeaseLostError,
  type Ledger,
  putEvent,
  readHistory,
  withLease,
} from "../../src/ledger/index.ts";
import { readLease } from "../../src/ledger/lease-record.ts";
import { logLeaseNews } from "../../src/ledger/news.ts";
import type { Log } from "../../src/log.ts";
import { silentLog } from "../../src/log.ts";
import { testClient } from "../support/tables.ts";
import { FakeClock, freshLedger, type Tap, tappedClient } from "./support.ts";

const event = { kind: "load", subject: "items.json", action: "seed", outcome: "written" } as const;

/** A promise and the function that settles it. */
function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

function recordingLog(lines: string[]): Log {
  return { ...silentLog(), info: (line) => lines.push(line), warn: (line) => lines.push(line) };
}

/** The same ledger through a client that can be cut off. */
function cutOff(ledger: Ledger): { ledger: Ledger; tap: Tap } {
  const { client, tap } = tappedClient();
  return { ledger: { ...ledger, client }, tap };
}

test("terms grow, and the lease is free after the work and after a failure", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  const first = await withLease(ledger, { command: "a" }, async (lease) => {
    expect(await readLease(ledger)).toMatchObject({ owner: lease.owner, term: 1, command: "a" });
    return lease.term;
  });
  await expect(
    withLease(ledger, { command: "b" }, async () => {
      throw new RangeError("work failed");
    }),
  ).rejects.toThrow(RangeError);
  expect(first).toBe(1);
  expect(await readLease(ledger)).toMatchObject({ term: 2 });
  expect((await readLease(ledger))?.owner).toBeUndefined();
});

test("of eight runners one works at a time, and none is left out", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  let inside = 0;
  const terms: number[] = [];
  const run = () =>
    withLease(ledger, { command: "race", leaseMs: 400, heartbeatMs: 100 }, async (lease) => {
      inside += 1;
      expect(inside).toBe(1);
      await lease.write([putEvent(lease, event)]);
      expect(inside).toBe(1);
      inside -= 1;
      terms.push(lease.term);
    });
  await Promise.all(Array.from({ length: 8 }, run));
  expect(terms).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect((await readHistory(ledger)).events).toHaveLength(8);
});

test("a waiting run says who holds the lease, and gives up after its time", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  const holding = gate();
  const done = gate();
  const holder = withLease(ledger, { command: "migrate up" }, async () => {
    holding.open();
    await done.opened;
  });
  await holding.opened;

  const lines: string[] = [];
  const clock = new FakeClock();
  const waiter = withLease(
    ledger,
    { command: "seed", clock, waitMs: 5_000, news: logLeaseNews(recordingLog(lines), ledger.table.name) },
    async () => "never",
  );
  await clock.slept(1);
  clock.advance(5_000);
  await expect(waiter).rejects.toThrow(LeaseHeldError);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("migrate up");
  expect(lines[0]).toContain(String(process.pid));
  done.open();
  await holder;
});

test("a dead holder is taken over only after the lease time on the observer's own clock", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  const { ledger: old, tap } = cutOff(ledger);
  const holding = gate();
  const zombieMayGoOn = gate();
  const zombieClock = new FakeClock();
  const zombie = withLease(old, { command: "old", clock: zombieClock }, async (lease) => {
    tap.dead = true;
    holding.open();
    await zombieMayGoOn.opened;
    tap.dead = false;
    await lease.write([putEvent(lease, event)]);
  });
  await holding.opened;

  const clock = new FakeClock();
  const lines: string[] = [];
  let working = false;
  const finish = gate();
  const taker = withLease(
    ledger,
    { command: "new", clock, news: logLeaseNews(recordingLog(lines), ledger.table.name) },
    async (lease) => {
      working = true;
      await finish.opened;
      return lease.term;
    },
  );
  await clock.slept(1);
  clock.advance(9_999);
  await clock.slept(2);
  expect(working).toBe(false);
  clock.advance(1_000);
  await clock.slept(3); // the new holder's heartbeat sleeps
  expect(working).toBe(true);
  expect(lines.join("\n")).toContain("taking over");

  zombieMayGoOn.open();
  await expect(zombie).rejects.toThrow(LeaseLostError);
  await expect(zombie).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining("new of") });
  expect((await readHistory(ledger)).events).toEqual([]);
  expect((await readLease(ledger))?.command).toBe("new");
  finish.open();
  expect(await taker).toBe(2);
});

test("a holder that shows signs of life is never taken over, however old its lease", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  const holderClock = new FakeClock();
  const holding = gate();
  const done = gate();
  const holder = withLease(ledger, { command: "long", clock: holderClock }, async () => {
    holding.open();
    await done.opened;
  });
  await holding.opened;
  const clock = new FakeClock();
  let working = false;
  const waiter = withLease(ledger, { command: "waits", clock }, async () => {
    working = true;
  });
  for (let beat = 1; beat <= 5; beat += 1) {
    // Each sign of life is a sleep before it, and one that limits its time.
    await holderClock.slept(2 * beat - 1);
    holderClock.advance(3_000);
    await holderClock.slept(2 * beat + 1); // its sign of life is written
    await clock.slept(clock.sleeps); // the waiter sleeps
    const before = clock.sleeps;
    clock.advance(9_000);
    await clock.slept(before + 1);
    expect(working).toBe(false);
  }
  done.open();
  await holder;
  clock.advance(1_000);
  await waiter;
  expect(working).toBe(true);
});

test("losing the lease aborts the work's signal", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  const { ledger: old, tap } = cutOff(ledger);
  const clock = new FakeClock();
  const work = withLease(old, { command: "cut off", clock }, async (lease) => {
    await clock.slept(1);
    tap.dead = true;
    const aborted = new Promise((resolve) => lease.signal.addEventListener("abort", resolve));
    for (let beat = 1; beat <= 2; beat += 1) {
      clock.advance(3_000);
      await clock.slept(2 * beat + 1);
    }
    clock.advance(3_000);
    await aborted;
    lease.signal.throwIfAborted();
  });
  await expect(work).rejects.toThrow(LeaseLostError);
  // Before an observer, who waits for the whole lease time, may have taken over.
  expect(clock.now()).toBeLessThan(10_000);
});

test("the caller's signal ends the work, and the lease is given back", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  const controller = new AbortController();
  const work = withLease(ledger, { command: "x", signal: controller.signal }, async (lease) => {
    controller.abort(new RangeError("stop"));
    lease.signal.throwIfAborted();
  });
  await expect(work).rejects.toThrow("stop");
  expect((await readLease(ledger))?.owner).toBeUndefined();
});
