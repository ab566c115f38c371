import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { planBench, settleBench } from "../../../src/commands/verify/bench-options.ts";
import { createStyle, type Log, silentLog } from "../../../src/log.ts";
import {
  type BenchedPattern,
  type BenchReport,
  exitCodeOfBench,
} from "../../../src/verify/bench/bench-report.ts";
import { LatencyHistogram } from "../../../src/verify/bench/latency-histogram.ts";
import { renderBench } from "../../../src/verify/bench/render-bench.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tablewright-bench-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const conditions = {
  cpu: "Some CPU",
  cores: 2,
  node: "v20.20.2",
  engine: "a local engine, Jetty(12.0.31)",
  table: "quick-photos",
  rate: 200,
  seconds: 30,
  seed: 7,
  inputs: 5,
  sourceSha256: "abc",
};

/** A pattern of whose runs one in a hundred took `slowest` milliseconds, and the others 1 to 10. */
function measured(id: string, factor = 1, changes: Partial<BenchedPattern> = {}): BenchedPattern {
  const times = new LatencyHistogram();
  for (let run = 0; run < 6_000; run += 1) times.record(factor * (run % 100 === 99 ? 80 : 1 + (run % 10)));
  return {
    id,
    status: "measured",
    due: 6_000,
    runs: 6_000,
    unanswered: 0,
    runsPerSecond: 200,
    requestsPerSecond: 200,
    latency: times.summary() ?? null,
    percentiles: times.points(),
    startedLate: { p99: 1, max: 2 },
    refusals: 0,
    errors: 0,
    unknown: 0,
    requests: 6_000,
    throttles: 0,
    failedAttempts: 0,
    partialAnswers: 0,
    ...changes,
  };
}

const bench = (patterns: BenchedPattern[], changes: Partial<BenchReport> = {}): BenchReport => ({
  conditions,
  patterns,
  leftOut: [],
  interrupted: false,
  ...changes,
});

/** Keeps one bench as a baseline, and holds another against it as the command does. */
async function compared(then: BenchReport, now: BenchReport, maxSlowdown?: number) {
  const file = join(temporaryFolder(), "made/latency.json");
  const said: string[] = [];
  const log: Log = { ...silentLog(), info: (line) => said.push(line), warn: (line) => said.push(line) };
  const options = { bench: "30s", rate: "200/s" };
  const keep = { ...options, saveBaseline: file };
  await settleBench(
    then,
    { request: { ratePerSecond: 200, durationMs: 30_000 }, baseline: undefined },
    keep,
    log,
  );
  const against = { ...options, baseline: file, maxSlowdown };
  const plan = await planBench(against);
  if (!plan) throw new Error("a bench was asked for");
  expect(plan.request).toEqual({ ratePerSecond: 200, durationMs: 30_000 });
  await settleBench(now, plan, against, log);
  return { file, said };
}

test("percentiles are those of what was recorded, to 0.1 %, in few points", () => {
  const { latency, percentiles } = measured("any");
  const nearly = (value: number) => expect.closeTo(value, 0);
  const [p50, p95, p99] = [nearly(5), nearly(10), nearly(10)];
  expect(latency).toEqual({ p50, p95, p99, max: nearly(80), mean: nearly(6.2) });
  expect(percentiles.length).toBeLessThan(80);
  expect(percentiles.at(-1)).toEqual([100, expect.closeTo(80, 0)]);
  expect(percentiles.find(([percent]) => percent > 99)?.[1]).toBeCloseTo(80, 0);
  const percents = percentiles.map(([percent]) => percent);
  expect(percents).toEqual([...percents].sort((a, b) => a - b));
  expect(new LatencyHistogram().summary()).toBeUndefined();
});

const allOf = (ratio: number) => {
  const nearly = expect.closeTo(ratio, 2);
  return { p50: nearly, p95: nearly, p99: nearly };
};

test("a baseline says by how much each percentile differs; too slow is exit 2 only where that was asked for", async () => {
  const now = bench([measured("find-followers", 1.25), measured("fetch-user", 0.9), measured("new-one")]);
  const then = bench([measured("find-followers"), measured("fetch-user")]);
  const { said, file } = await compared(then, now);
  expect(said).toEqual([expect.stringMatching(/^made the folder .*made$/), `wrote ${file}`]);
  expect(now.baseline).toEqual({
    file,
    differences: [],
    patterns: [
      { id: "find-followers", ratios: allOf(1.25) },
      { id: "fetch-user", ratios: allOf(0.9) },
    ],
    notCompared: ["new-one"],
    slower: [],
  });
  expect(exitCodeOfBench(now)).toBe(0);
  await compared(then, now, 1.2);
  expect(now.baseline).toMatchObject({ slower: ["find-followers"], maxSlowdown: 1.2 });
  expect(exitCodeOfBench(now)).toBe(2);
  await compared(then, now, 1.3);
  expect(exitCodeOfBench(now)).toBe(0);
});

test("a baseline of another machine, engine, table or load is refused in words", async () => {
  const now = bench([measured("find-followers", 9)]);
  const then = bench([measured("find-followers")], {
    conditions: { ...conditions, cpu: "Another CPU", cores: 8, rate: 100 },
  });
  await compared(then, now);
  expect(renderBench(now, createStyle(false)).slice(-4)).toEqual([
    `not compared with ${now.baseline?.file}, which was measured under other conditions:`,
    "  CPU: Another CPU then, Some CPU now",
    "  cores: 8 then, 2 now",
    "  rate: 100 then, 200 now",
  ]);
  expect(now.baseline).toMatchObject({ patterns: [], slower: [] });
  expect(exitCodeOfBench(now)).toBe(0);
  // Asked whether it is slower, nobody knows.
  await compared(then, now, 2);
  expect(exitCodeOfBench(now)).toBe(3);
});

test("only a whole bench becomes a baseline, and only a baseline is read", async () => {
  const file = join(temporaryFolder(), "latency.json");
  const said: string[] = [];
  const log: Log = { ...silentLog(), warn: (line) => said.push(line) };
  const plan = { request: { ratePerSecond: 1, durationMs: 1000 }, baseline: undefined };
  const late = measured("find-followers", 1, { status: "indeterminate", message: "late" });
  for (const unfit of [bench([late]), bench([]), bench([measured("a")], { interrupted: true })])
    await settleBench(unfit, plan, { saveBaseline: file }, log);
  expect(said).toEqual(
    ["not measured: find-followers", "nothing was measured", "the bench was interrupted"].map(
      (reason) => `${file} was not written: ${reason}`,
    ),
  );
  const asked = { bench: "1s", rate: "1/s", baseline: file };
  await expect(planBench(asked)).rejects.toThrow(/cannot use .* as a baseline: ENOENT/);
  await settleBench(bench([measured("a")]), plan, { saveBaseline: file }, log);
  const content = JSON.parse(readFileSync(file, "utf8"));
  expect(await planBench(asked)).toMatchObject({ baseline: { content } });
  writeFileSync(file, JSON.stringify({ ...content, version: 2 }));
  await expect(planBench(asked)).rejects.toMatchObject({ code: "baseline-file", exitCode: 4 });
});

test.each([
  [{ bench: "30s" }, "--bench needs --rate"],
  [{ rate: "200/s" }, "--rate needs --bench"],
  [{ saveBaseline: "a.json" }, "--save-baseline needs --bench"],
  [{ bench: "30s", rate: "200/s", maxSlowdown: 2 }, "--max-slowdown needs --baseline"],
  [{ bench: "30", rate: "200/s" }, "--bench 30 is no length of time"],
  [{ bench: "30s", rate: "200" }, "--rate 200 is no rate of runs"],
  [{ bench: "30s", rate: "0/s" }, "--rate 0/s is no rate of runs"],
  [{ bench: "1s", rate: "0.5/s" }, "--bench 1s at 0.5/s is not a single run"],
])("%o is refused", async (options, message) => {
  await expect(planBench(options)).rejects.toMatchObject({ message, exitCode: 4 });
});

test("the figures as text: within 80 columns, with what they hide", () => {
  const longest = "a-pattern-of-thirty-characters";
  const report = bench(
    [
      measured(longest, 120),
      measured("fetch-user", 1, { throttles: 3, failedAttempts: 1, unanswered: 2 }),
      measured("find-followers", 1, { status: "indeterminate", message: "nobody \u001b[31mknows" }),
    ],
    { leftOut: [{ id: "find-following", reason: "its answers are wrong" }] },
  );
  const lines = renderBench(report, createStyle(false));
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "ms from the due time            runs/s   p50   p95   p99   max  errors
    a-pattern-of-thirty-characters   200.0   600  1200  1200  9601       0
    fetch-user                       200.0  5.00  10.0  10.0  80.1       0
    find-followers                   200.0  5.00  10.0  10.0  80.1       0
    fetch-user: 3 throttles, 1 request that failed and was sent again, 2 runs without an answer, not in the figures
    indeterminate find-followers: nobody knows
    find-following was left out: its answers are wrong
    bench: 200 runs a second for 30 s each; writing patterns are not measured
    on 2 cores of Some CPU, Node v20.20.2, a local engine, Jetty(12.0.31)"
  `);
  expect(Math.max(...lines.slice(0, 4).map(({ length }) => length))).toBeLessThanOrEqual(80);
});
