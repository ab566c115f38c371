import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/dynamo/clock.ts";
import { runOpenLoop } from "../../../src/verify/bench/open-loop.ts";
import { FakeClock } from "../../ledger/support.ts";

/** One run of a model: how long its answer takes, and how long starting it blocks the process, in milliseconds. */
interface ModelRun {
  readonly service: number;
  readonly blocks: number;
}

/** When runs start and how long each takes from its due time, worked out by hand, with no loop and no clock. */
function expectedLatencies(runs: readonly ModelRun[], gapMs: number) {
  let free = 0;
  const blocked: [from: number, to: number][] = [];
  const plan = runs.map(({ service, blocks }, position) => {
    const due = position * gapMs;
    const startedAt = Math.max(due, free);
    free = startedAt + blocks;
    blocked.push([startedAt, free]);
    return { due, startedAt, answeredAt: free + service };
  });
  // An answer that comes while the process is blocked is seen when it no longer is.
  const seen = (at: number) =>
    blocked.reduce((time, [from, to]) => (time > from && time < to ? to : time), at);
  return plan.map(({ due, startedAt, answeredAt }) => ({
    latency: seen(answeredAt) - due,
    late: startedAt - due,
  }));
}

/** Runs the loop on a clock that jumps to the next thing that is due, and moves while a start blocks. */
async function simulate(runs: readonly ModelRun[], gapMs: number, signal?: AbortSignal, mostAtOnce = 1e9) {
  const clock = new FakeClock();
  const wakeTimes: number[] = [];
  const sleepUntil = (at: number, stop?: AbortSignal) => {
    wakeTimes.push(at);
    return clock.sleep(at - clock.now(), stop);
  };
  const latencies: (number | undefined)[] = runs.map(() => undefined);
  const late: number[] = [];
  let atOnce = 0;
  let highest = 0;
  let finished = false;
  const loop = runOpenLoop<number>({
    ratePerSecond: 1000 / gapMs,
    durationMs: runs.length * gapMs,
    mostAtOnce,
    clock: {
      now: () => clock.now(),
      wallTime: () => clock.wallTime(),
      sleep: (milliseconds, stop) => sleepUntil(clock.now() + milliseconds, stop),
    },
    signal,
    start: async (position) => {
      const { service, blocks } = runs[position] as ModelRun;
      atOnce += 1;
      highest = Math.max(highest, atOnce);
      clock.advance(blocks);
      await sleepUntil(clock.now() + service).catch(() => {});
      atOnce -= 1;
      return position;
    },
    onStart: (lateMs) => late.push(lateMs),
    onEnd: ({ outcome, latencyMs }) => {
      latencies[outcome] = latencyMs;
    },
  }).finally(() => {
    finished = true;
  });
  for (let sleeps = -1; !finished; ) {
    // Time stands still while anything is still at work in this moment.
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    if (clock.sleeps !== sleeps) {
      sleeps = clock.sleeps;
      continue;
    }
    const next = Math.min(...wakeTimes.filter((at) => at > clock.now()));
    if (Number.isFinite(next)) clock.advance(next - clock.now());
  }
  return { result: await loop, latencies, late, highest };
}

// Answers come at half milliseconds, so that none comes in the very moment in which a run starts.
const halfway = (min: number, max: number) => fc.integer({ min, max }).map((whole) => whole + 0.5);
const modelRun = fc.record({
  service: fc.oneof({ weight: 5, arbitrary: halfway(1, 8) }, halfway(100, 1500)),
  blocks: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 60 })),
});

test("latency counts from the due time: neither a slow answer nor a blocked process delays or hides a later run", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(modelRun, { minLength: 1, maxLength: 25 }),
      fc.constantFrom(1, 4, 10, 50),
      async (runs, gapMs) => {
        const { result, latencies, late } = await simulate(runs, gapMs);
        const expected = expectedLatencies(runs, gapMs);
        expect(latencies).toEqual(expected.map(({ latency }) => latency));
        expect(late).toEqual(expected.map(({ late }) => late));
        expect(result).toMatchObject({ due: runs.length, started: runs.length, end: "all" });
      },
    ),
    { numRuns: 60 },
  );
});

test("a server that stands still for a second shows in every run that was due meanwhile", async () => {
  // 3 s at 100 a second; what is due from 1 s on is answered at 2 s.
  const runs = Array.from({ length: 300 }, (_, position) => ({
    service: position >= 100 && position < 200 ? 2_000 - position * 10 : 1,
    blocks: 0,
  }));
  const { latencies, highest } = await simulate(runs, 10);
  expect(latencies.slice(100, 200)).toEqual(Array.from({ length: 100 }, (_, n) => 1_000 - n * 10));
  expect(highest).toBe(100);
});

test("it ends when it is told to, and where nobody answers any more", async () => {
  const silent = Array.from({ length: 50 }, () => ({ service: 1_000_000, blocks: 0 }));
  const full = await simulate(silent, 10, undefined, 20);
  expect(full.result).toMatchObject({ due: 50, started: 20, end: "tooManyAtOnce" });
  const stop = new AbortController();
  const stopped = runOpenLoop({
    ratePerSecond: 1000,
    durationMs: 60_000,
    mostAtOnce: 100,
    clock: systemClock,
    signal: stop.signal,
    start: async (position) => {
      if (position === 50) stop.abort();
    },
    onStart: () => {},
    onEnd: () => {},
  });
  expect(await stopped).toMatchObject({ due: 60_000, started: 51, end: "interrupted" });
});
