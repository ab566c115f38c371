import fc from "fast-check";
import { expect, test } from "vitest";
import { Pacer } from "../../../src/dynamo/pace/pacer.ts";
import { type Ceilings, UNLIMITED } from "../../../src/dynamo/pace/rate-limit.ts";
import { type PacedRequest, pacedRequest } from "../../../src/dynamo/pace/request.ts";
import type { Answer } from "../../../src/dynamo/pace/request-cost.ts";
import { FakeClock } from "../../ledger/support.ts";

const T = "table";
const NONE = Number.POSITIVE_INFINITY;

const limits = (write: number, index = NONE, read = NONE): Ceilings => ({
  table: { read, write },
  indexes: new Map([["GSI", { read: NONE, write: index }]]),
  otherIndexes: { read: NONE, write: NONE },
});

function update(key: string, expression = "SET a = :a"): PacedRequest {
  const input = { TableName: T, Key: { PK: { S: key } }, UpdateExpression: expression };
  return pacedRequest(T, "PK", "UpdateItemCommand", input) as PacedRequest;
}

const answer = (table: number, index?: number): Answer => ({
  ConsumedCapacity: {
    TableName: T,
    CapacityUnits: table + (index ?? 0),
    Table: { CapacityUnits: table },
    ...(index === undefined ? {} : { GlobalSecondaryIndexes: { GSI: { CapacityUnits: index } } }),
  },
});

/** A pacer on a clock of its own, and what it let in: names with the time they got in. */
function paced(ceilings: Ceilings) {
  const clock = new FakeClock();
  const pacer = new Pacer({ table: T, partitionKey: "PK", ceilings, clock });
  const log: string[] = [];
  const enter = async (
    name: string,
    request: PacedRequest | undefined,
    begins = false,
    signal?: AbortSignal,
  ) => {
    const ticket = await pacer.enter(request, begins, signal);
    log.push(name);
    return ticket;
  };
  /** Lets time pass in small steps, so that whoever is due gets in at its time. */
  const pass = async (milliseconds: number) => {
    for (let step = 0; step < milliseconds; step += 50) {
      clock.advance(50);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
  };
  return { clock, pacer, log, enter, pass };
}

/** Sends a request and settles it at once. */
async function send(bed: ReturnType<typeof paced>, name: string, request: PacedRequest, cost: Answer) {
  const ticket = await bed.enter(name, request);
  if (ticket) bed.pacer.answered(ticket, cost);
}

const sum = <Name extends string>(list: readonly Record<Name, number>[], name: Name) =>
  list.reduce((total, one) => total + one[name], 0);

test("many at once, whatever each turns out to cost: table and index each keep to rate × time + burst", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 5, max: 50 }),
      fc.integer({ min: 5, max: 50 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 8 })), {
        minLength: 5,
        maxLength: 60,
      }),
      async (rate, indexRate, costs) => {
        const bed = paced(limits(rate, indexRate));
        const through: { at: number; table: number; index: number }[] = [];
        const all = costs.map(async ([table, index], number) => {
          const ticket = await bed.pacer.enter(update(`k${number}`), false);
          through.push({ at: bed.clock.now(), table, index });
          if (ticket) bed.pacer.answered(ticket, answer(table, index));
        });
        const total = costs.reduce((sum, [table, index]) => sum + Math.max(table, index), 0);
        await bed.pass(1_000 * (total / Math.min(rate, indexRate) + 2));
        await Promise.all(all);
        // Those let in at one moment are under way together: what they cost is known to whoever comes later.
        for (const last of through) {
          for (const first of through.filter(({ at }) => at < last.at)) {
            const span = through.filter(({ at }) => at >= first.at && at < last.at);
            const seconds = (last.at - first.at) / 1000;
            const [units, indexUnits] = [sum(span, "table"), sum(span, "index")];
            expect(units).toBeLessThanOrEqual(rate * seconds + rate + 0.01);
            expect(indexUnits).toBeLessThanOrEqual(indexRate * seconds + indexRate + 0.01);
          }
        }
      },
    ),
    { numRuns: 15 },
  );
});

test("it goes as fast as it may: a thousand units at 100 a second take nine to ten seconds", async () => {
  const bed = paced(limits(100));
  const all = Array.from({ length: 1_000 }, (_, number) => send(bed, "w", update(`k${number}`), answer(1)));
  await bed.pass(9_000);
  expect(bed.log.length).toBeGreaterThan(950);
  await bed.pass(1_000);
  await Promise.all(all);
  expect(bed.pacer.totals).toMatchObject({ requests: 1_000, units: { read: 0, write: 1_000 } });
});

test("an index that is short slows its writers, and nobody else", async () => {
  const bed = paced(limits(1_000, 10));
  // What each shape costs is learned from the first of it.
  await send(bed, "first", update("k", "SET gsi = :g"), answer(1, 1));
  await send(bed, "first", update("k", "SET other = :o"), answer(1));
  const writers = Array.from({ length: 50 }, (_, n) => [
    send(bed, "index", update(`a${n}`, "SET gsi = :g"), answer(1, 1)),
    send(bed, "table", update(`b${n}`, "SET other = :o"), answer(1)),
  ]).flat();
  await bed.pass(1_000);
  expect(bed.log.filter((name) => name === "table")).toHaveLength(50);
  expect(bed.log.filter((name) => name === "index").length).toBeLessThan(25);
  expect(bed.pacer.view()).toMatchObject({ waitingFor: "write limit of GSI", paused: undefined });
  await bed.pass(5_000);
  await Promise.all(writers);
});

test("a hot key slows its own requests, an account limit all of them", async () => {
  const bed = paced(UNLIMITED);
  const hot = async () => {
    const ticket = await bed.pacer.enter(update("hot"), false);
    if (ticket) bed.pacer.throttled(ticket, [{ limit: "keyRange", direction: "write" }]);
  };
  await hot();
  expect(bed.pacer.view()).toMatchObject({ throttled: "writes, hot key", write: { limit: undefined } });
  const all = Array.from({ length: 20 }, (_, n) => [
    send(bed, "hot", update("hot"), answer(1)),
    send(bed, "cold", update(`cold${n}`), answer(1)),
  ]).flat();
  await bed.pass(500);
  expect(bed.log.filter((name) => name === "cold")).toHaveLength(20);
  expect(bed.log.filter((name) => name === "hot").length).toBeLessThan(5);
  await bed.pass(30_000);
  await Promise.all(all);
  expect(bed.log.filter((name) => name === "hot")).toHaveLength(20);
  expect(bed.pacer.view()).toMatchObject({ throttled: undefined });

  const ticket = await bed.pacer.enter(update("any"), false);
  if (ticket) bed.pacer.throttled(ticket, [{ limit: "account", direction: "write" }]);
  const view = bed.pacer.view();
  expect(view.read.limit).toBeDefined();
  expect(view.write.limit).toBeDefined();
});

test("a pause holds everything; new limits and the end of the pause are felt at once", async () => {
  const bed = paced(limits(1));
  await send(bed, "first", update("a"), answer(1));
  bed.pacer.pause("paused by ada");
  const waiting = [send(bed, "second", update("b"), answer(1)), bed.enter("described", undefined)];
  await bed.pass(10_000);
  expect(bed.log).toEqual(["first"]);
  expect(bed.pacer.view().paused).toBe("paused by ada");
  bed.pacer.resume();
  await Promise.all(waiting);
  expect(bed.log).toEqual(["first", "second", "described"]);

  const slow = Array.from({ length: 100 }, (_, n) => send(bed, "more", update(`m${n}`), answer(1)));
  bed.pacer.setCeilings(limits(1_000));
  await bed.pass(500);
  await Promise.all(slow);
});

test("stop: no new page begins, what is written of the last still goes through; in a pause nothing does", async () => {
  const bed = paced(limits(10));
  const reason = new Error("stopped");
  const scan = pacedRequest(T, "PK", "ScanCommand", { TableName: T }) as PacedRequest;
  for (let n = 0; n < 10; n += 1) await send(bed, "w", update(`k${n}`), answer(1));
  const write = send(bed, "late", update("late"), answer(1));
  bed.pacer.stop(reason);
  await expect(bed.enter("page", scan, true)).rejects.toBe(reason);
  await bed.pass(500);
  await write;

  const paused = paced(UNLIMITED);
  paused.pacer.pause("paused");
  const held = paused.enter("held", update("k"));
  paused.pacer.stop(reason);
  await expect(held).rejects.toBe(reason);
});

test("pages are as large as what is found in them can be written in five seconds", async () => {
  const bed = paced(limits(200));
  const scan = pacedRequest(T, "PK", "ScanCommand", { TableName: T }) as PacedRequest;
  expect(bed.pacer.pageItems(4)).toBe(250);
  // Where one item in a hundred is to be written, a page may be some hundred times as large.
  for (let page = 0; page < 40; page += 1) {
    const ticket = await bed.pacer.enter(scan, true);
    if (ticket) bed.pacer.answered(ticket, { ...answer(1), ScannedCount: 1_000, Count: 10 });
  }
  expect(bed.pacer.pageItems(4)).toBeGreaterThan(20_000);
  expect(paced(limits(1)).pacer.pageItems(4)).toBe(50);
  expect(paced(UNLIMITED).pacer.pageItems(4)).toBeUndefined();
});

test("who gives up waiting makes room for the others", async () => {
  const bed = paced(limits(10));
  for (let n = 0; n < 10; n += 1) await send(bed, "w", update(`k${n}`), answer(1));
  const controller = new AbortController();
  const gone = bed.enter("gone", update("a"), false, controller.signal);
  const next = send(bed, "next", update("b"), answer(1));
  controller.abort(new Error("enough"));
  await expect(gone).rejects.toThrow("enough");
  await bed.pass(200);
  await next;
  await expect(bed.enter("never", update("c"), false, controller.signal)).rejects.toThrow("enough");
});

test("who waits for a rate that grows is let in when it has grown, though nothing else happens", async () => {
  const bed = paced(UNLIMITED);
  const tickets = await Promise.all(["a", "b", "c"].map((key) => bed.pacer.enter(update(key), false)));
  const [first, second, third] = tickets;
  if (!first || !second || !third) throw new Error("something was not let in");
  await bed.pass(100);
  for (const refused of [first, second])
    bed.pacer.throttled(refused, [{ limit: "provisioned", direction: "write" }]);
  // Sent before the throttle, and dearer than thought: a debt, and nothing more is under way.
  bed.pacer.answered(third, answer(50));
  expect(bed.pacer.view().write.limit).toBeLessThan(5);
  void bed.enter("d", update("d"));
  // The rate grows by 20 units a second each second: 50 units are paid off in little more than two.
  await bed.pass(3_500);
  expect(bed.log).toEqual(["d"]);
});
