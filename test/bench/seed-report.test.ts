import { expect, it } from "vitest";
import type { Measurement } from "../../bench/seed/measure.ts";
import { settingTable, summarize } from "../../bench/seed/report.ts";

const run = (
  seconds: number,
  comparison: { missing: number; different: number; extra: number },
): Measurement => ({
  seconds,
  cpuSeconds: seconds / 2,
  peakBytes: 90e6,
  exitCode: comparison.missing > 0 ? 1 : 0,
  takenByOthers: 0.01,
  printed: "",
  sink: {
    requests: 40,
    operations: {},
    refusals: {},
    written: 1_000,
    unprocessed: 0,
    mostAtOnce: 16,
    cpuMicros: 4_000,
    comparison: { stored: 1_000, ...comparison },
  },
});
const NOTHING = { missing: 0, different: 0, extra: 0 };

it("takes the median of the times, and the worst of the losses", () => {
  const runs = [run(3, NOTHING), run(1, { missing: 2, different: 1, extra: 2 }), run(2, NOTHING)];
  const { seconds, itemsPerSecond, cpuMicrosAnItem, requestsAnItem, lost, exitCodes } = summarize({
    items: 1_000,
    runs,
  });
  expect(seconds).toEqual({ median: 2, least: 1, most: 3 });
  expect([itemsPerSecond, cpuMicrosAnItem, requestsAnItem]).toEqual([500, 1_000, 0.04]);
  expect(lost).toBe(3);
  expect(exitCodes).toEqual([0, 1]);
});

it("sees items that are not of the file, and counts where nothing is kept", () => {
  expect(summarize({ items: 1_000, runs: [run(1, { ...NOTHING, extra: 5 })] }).lost).toBe(5);
  const uncompared = run(1, NOTHING);
  const runs = [{ ...uncompared, sink: { ...uncompared.sink, comparison: undefined, written: 990 } }];
  expect(summarize({ items: 1_000, runs }).lost).toBe(10);
});

it("shows a setting in 80 columns, with how often each was as fast as ours", () => {
  const of = (contestant: string, seconds: number) => ({
    contestant,
    latencyMs: 5,
    unprocessed: 0.2,
    items: 1_000,
    runs: [run(seconds, NOTHING)],
  });
  const table = settingTable([of("ours", 2), of("dynamodb-toolbox", 100)], "ours").split("\n");
  expect(table.filter((line) => line.length > 80)).toEqual([]);
  const cells = table.map((line) => line.split(/\s+/).slice(0, 3));
  expect(cells).toContainEqual(["ours", "500", "1.00"]);
  expect(cells).toContainEqual(["dynamodb-toolbox", "10", "0.02"]);
});
