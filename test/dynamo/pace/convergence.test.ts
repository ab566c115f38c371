import { describe, expect, it } from "vitest";
import { sendPaced } from "../../../src/dynamo/pace/paced-attempt.ts";
import { Pacer } from "../../../src/dynamo/pace/pacer.ts";
import { UNLIMITED } from "../../../src/dynamo/pace/rate-limit.ts";
import type { PacedRequest } from "../../../src/dynamo/pace/request.ts";
import { FakeClock } from "../../ledger/support.ts";

const T = "table";
const BATCH = 25;
const SENDERS = 16;
const LATENCY_MS = 10;
const STEP_MS = 5;

const request = (actions: number): PacedRequest => ({
  operation: actions === 1 ? "PutItem" : "BatchWriteItem",
  direction: "write",
  shape: "write",
  actions,
  factor: 1,
  isPage: false,
  isConsistent: false,
  index: undefined,
  groups: [],
});

/** Takes so many of the writes that come at a time. */
type Sink = (writes: number, now: number) => number;

/** A table that really takes so many units a second, and what it has saved up. */
function capped(unitsPerSecond: number, saved = unitsPerSecond): Sink {
  let level = saved;
  let filledAt = 0;
  const most = Math.max(saved, unitsPerSecond);
  return (writes, now) => {
    level = Math.min(most, level + ((now - filledAt) * unitsPerSecond) / 1_000);
    filledAt = now;
    const taken = Math.min(writes, Math.floor(level));
    level -= taken;
    return taken;
  };
}

/** A table with capacity for all, which leaves a share of the writes over at random. */
function leaving(share: number): Sink {
  let state = 42;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return (writes) => Array.from({ length: writes }, random).filter((drawn) => drawn >= share).length;
}

/** Writes for so long through a pacer, as the loader does: a bounded number of batches at once, and single items. */
async function writeFor(seconds: number, sink: Sink, { reason = "", probes = true } = {}) {
  const clock = new FakeClock();
  const pacer = new Pacer({ table: T, partitionKey: "PK", ceilings: UNLIMITED, clock });
  /** For each second what was written, and what came back. */
  const written = new Array<number>(seconds + 1).fill(0);
  const refused = new Array<number>(seconds + 1).fill(0);
  const note = (of: number[], count: number) => {
    const second = Math.floor(clock.now() / 1_000);
    of[second] = (of[second] ?? 0) + count;
  };
  const send = async (actions: number) => {
    await clock.sleep(LATENCY_MS);
    const taken = sink(actions, clock.now());
    note(written, taken);
    note(refused, actions - taken);
    if (taken === 0) {
      const ThrottlingReasons = reason === "" ? [] : [{ reason, resource: "arn:table/t" }];
      const name = "ProvisionedThroughputExceededException";
      throw Object.assign(new Error("throttled"), { name, ThrottlingReasons });
    }
    const back = Array.from({ length: actions - taken }, () => ({}));
    return {
      UnprocessedItems: { [T]: back },
      ConsumedCapacity: [{ TableName: T, CapacityUnits: taken, Table: { CapacityUnits: taken } }],
    };
  };
  let isOver = false;
  const loop = async (actions: number, pauseMs: number) => {
    while (!isOver) {
      const attempt = { request: request(actions), begins: false, send: () => send(actions) };
      await sendPaced(pacer, { ...attempt, answerOf: (answer) => answer }).catch(() => {});
      if (pauseMs > 0) await clock.sleep(pauseMs);
    }
  };
  for (let sender = 0; sender < SENDERS; sender += 1) void loop(BATCH, 0);
  if (probes) void loop(1, 200);
  for (let now = 0; now < seconds * 1_000; now += STEP_MS) {
    clock.advance(STEP_MS);
    await new Promise((resolve) => setImmediate(resolve));
  }
  isOver = true;
  const sum = (counts: number[], from: number) => counts.slice(from, seconds).reduce((a, b) => a + b, 0);
  return {
    pacer,
    /** Units a second, from a second on. */
    rate: (from: number) => sum(written, from) / (seconds - from),
    refusedShare: (from: number) => sum(refused, from) / (sum(refused, from) + sum(written, from)),
  };
}

const FULL_SPEED = (SENDERS * BATCH * 1_000) / LATENCY_MS;

describe("a table that leaves writes over at random, at any rate, is not given less:", () => {
  it.each([0.05, 0.2, 0.5])("%f of all writes left over at random do not slow it down", async (share) => {
    const { rate } = await writeFor(8, leaving(share));
    expect(rate(0)).toBeGreaterThan(FULL_SPEED * (1 - share) * 0.8);
  });
});

describe("a table that really takes so many units a second is given that, and little more:", () => {
  it.each([
    [100, "", 1],
    [1_000, "", 1],
    [10_000, "", 1],
    [1_000, "TableWriteProvisionedThroughputExceeded", 1],
    [100, "TableWriteMaxOnDemandThroughputExceeded", 1],
    // Five minutes of what is provisioned are saved up (burst capacity); it ends within the first seconds.
    [100, "TableWriteProvisionedThroughputExceeded", 300],
  ])("%i units, reason '%s', %i s saved up", async (units, reason, savedSeconds) => {
    const { rate, refusedShare } = await writeFor(30, capped(units, units * savedSeconds), { reason });
    expect(rate(10)).toBeGreaterThan(units * 0.9);
    expect(refusedShare(10)).toBeLessThan(0.1);
  });
});

describe("capacity that comes back is found:", () => {
  it.each([
    ["nothing", 0],
    ["a tenth of it", 0.1],
  ])("after a second in which there was %s", async (_name, share) => {
    const full = capped(5_000);
    const short = capped(5_000 * share);
    const sink: Sink = (writes, now) => (now >= 5_000 && now < 6_000 ? short : full)(writes, now);
    const { rate } = await writeFor(20, sink);
    expect(rate(14)).toBeGreaterThan(5_000 * 0.85);
  });
});
