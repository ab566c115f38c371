import { expect, inject, test } from "vitest";
import { findFollowers } from "../../../queries/quick-photos/find-followers.ts";
import { localTarget } from "../../../src/dynamo/target.ts";
import { InterruptedError } from "../../../src/errors.ts";
import { silentLog } from "../../../src/log.ts";
import type { BenchRequest } from "../../../src/verify/bench/bench-pattern.ts";
import type { BenchedPattern } from "../../../src/verify/bench/bench-report.ts";
import { exitCodeOfReport } from "../../../src/verify/report.ts";
import { type FaultRule, startFaultProxy } from "../../faults/proxy.ts";
import { fileTable, verifyTable, withPattern } from "../quick-photos.ts";

const { items, table } = await fileTable();

/** On a machine that is shared with other tests, a start may be late: what is measured stays true all the same. */
const SHARED_MACHINE = { latestStartMs: 5_000 };

/** Benches fetch-user through a proxy whose faults begin with the bench. */
async function benchBehind(
  rules: (beganAt: number) => readonly FaultRule[],
  request: BenchRequest,
  options: Parameters<typeof verifyTable>[1] = {},
) {
  const proxy = await startFaultProxy(inject("endpoint"));
  const log = {
    ...silentLog(),
    info: (line: string) => {
      if (line.startsWith("bench: fetch-user (1 of 1)")) proxy.setRules(rules(performance.now()));
    },
  };
  const report = await verifyTable(table, {
    items,
    target: localTarget(proxy.endpoint),
    selected: ["fetch-user"],
    bench: { ...SHARED_MACHINE, ...request },
    log,
    ...options,
  });
  const [pattern] = report.bench?.patterns ?? [];
  if (!report.bench || !pattern) throw new Error("nothing was benched");
  return { report, bench: report.bench, pattern, proxy };
}

/** The percentile that a plot of the pattern's latency shows. */
function plotted({ percentiles }: BenchedPattern, percent: number): number {
  const point = percentiles.find(([at]) => at >= percent);
  if (!point) throw new Error(`no point at ${percent} %`);
  return point[1];
}

test("an engine that stands still for a second shows in the percentiles of all that was due meanwhile", async () => {
  const [stallMs, rate, durationMs] = [1_000, 50, 2_500];
  const { pattern } = await benchBehind(
    (beganAt) => {
      const [from, to] = [beganAt + 500, beganAt + 500 + stallMs];
      const fault = {
        kind: "delay",
        get milliseconds() {
          const now = performance.now();
          return now >= from && now < to ? to - now : 0;
        },
      } as const;
      return [{ operation: "GetItem", fault }];
    },
    { ratePerSecond: rate, durationMs },
  );
  expect(pattern).toMatchObject({ due: 125, runs: 125, errors: 0, unknown: 0, unanswered: 0, requests: 125 });
  // 50 of the 125 runs were due in that second, evenly, and were answered at its end: so much they take at least.
  // A closed loop would have sent one run into it, and shown the second in a single point.
  const [due, stalled] = [125, 50];
  for (const percent of [70, 80, 90, 95, 99]) {
    const atLeast = stallMs * (1 - (due * (1 - percent / 100)) / stalled);
    expect(plotted(pattern, percent), `p${percent}`).toBeGreaterThan(atLeast - 60);
  }
  expect(pattern.latency?.max).toBeGreaterThan(stallMs - 60);
  expect(pattern.percentiles.length).toBeLessThan(80);
});

test.each([
  {
    name: "throttles that retries hide are counted, and no failure",
    rule: { probability: 0.5, fault: { kind: "throttle" } },
    found: { status: "measured", unknown: 0, errors: 0, throttles: expect.toSatisfy((count) => count > 5) },
    exitCode: 0,
  },
  {
    name: "a connection that breaks once is counted, and no failure",
    rule: { times: 3, fault: { kind: "resetBefore" } },
    found: { status: "measured", unknown: 0, failedAttempts: 3 },
    exitCode: 0,
  },
  {
    name: "what is never answered is unknown, exit 3",
    rule: { nth: 30, fault: { kind: "delay", milliseconds: 2_000 } },
    found: { status: "indeterminate", unknown: 1, message: /what 1 run came to; .*no answer in 700 ms/ },
    exitCode: 3,
  },
  {
    name: "an error is counted, exit 1",
    rule: { times: 2, fault: { kind: "error", name: "ValidationException" } },
    found: { status: "errors", errors: 2, message: /^2 runs failed; the first: .*ValidationException/ },
    exitCode: 1,
  },
] as const)("$name", async ({ rule, found, exitCode }) => {
  const request = { ratePerSecond: 50, durationMs: 600 };
  const options = { timeoutMs: exitCode === 3 ? 700 : 30_000, readOnly: true };
  const { report, pattern } = await benchBehind(() => [rule as FaultRule], request, options);
  expect(pattern).toMatchObject({ due: 30, runs: 30, unanswered: 0, ...found });
  expect(exitCodeOfReport(report)).toBe(exitCode);
});

test("an interruption ends it with what was measured, and says what was under way", async () => {
  const stop = new AbortController();
  let answered = 0;
  const { report, bench, pattern } = await benchBehind(
    () => [
      {
        where: () => {
          answered += 1;
          if (answered === 20) setTimeout(() => stop.abort(new InterruptedError("SIGINT")), 50);
          return answered >= 15;
        },
        fault: { kind: "delay", milliseconds: 3_000 },
      },
    ],
    { ratePerSecond: 100, durationMs: 60_000 },
    { signal: stop.signal },
  );
  expect(bench.interrupted).toBe(true);
  expect(pattern).toMatchObject({ status: "interrupted", runs: 14, due: 6_000 });
  expect(pattern.unanswered).toBeGreaterThanOrEqual(6);
  expect(pattern.latency?.max).toBeLessThan(3_000);
  expect(exitCodeOfReport(report)).toBe(130);
});

test("a client that starts late says so, and its figures are no pass", async () => {
  const { report, pattern } = await benchBehind(() => [], {
    ratePerSecond: 50,
    durationMs: 200,
    latestStartMs: -1,
  });
  expect(pattern).toMatchObject({
    status: "indeterminate",
    message: expect.stringMatching(/^the client did not keep the rate: 1 run in 100 started \d+ ms late/),
  });
  expect(exitCodeOfReport(report)).toBe(3);
});

test("what was judged wrong is left out, writing patterns are not run, and the seed decides the inputs", async () => {
  const proxy = await startFaultProxy(inject("endpoint"));
  const wrong = withPattern(findFollowers, { run: async () => ({ followers: [], cursor: undefined }) });
  const bench = async (seed: number) => {
    const from = proxy.requests.length;
    const { bench } = await verifyTable(table, {
      items,
      querySet: wrong,
      target: localTarget(proxy.endpoint),
      selected: ["find-followers", "fetch-user-and-photos", "create-user"],
      readOnly: true,
      seed,
      bench: { ratePerSecond: 100, durationMs: 200, ...SHARED_MACHINE },
    });
    const sent = proxy.requests.slice(from).map(({ body }) => JSON.stringify(body));
    return { bench, sent: sent.slice(-20).sort() };
  };
  const first = await bench(3);
  expect(first.bench).toMatchObject({
    patterns: [{ id: "fetch-user-and-photos", runs: 20 }],
    leftOut: [{ id: "find-followers", reason: "its answers are wrong" }],
    conditions: { table, rate: 100, seconds: 0.2, seed: 3, engine: /^a local engine, Jetty/ },
  });
  expect((await bench(3)).sent).toEqual(first.sent);
  expect((await bench(4)).sent).not.toEqual(first.sent);
});
