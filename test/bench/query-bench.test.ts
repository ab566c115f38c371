import { expect, it } from "vitest";
import { PATTERNS } from "../../bench/query/patterns.ts";
import { patternTable, type Result, summarize } from "../../bench/query/report.ts";
import { type AnswerSink, startSink } from "../../bench/query/sink-process.ts";
import { startWorker } from "../../bench/query/worker-process.ts";

const [, onePage, , twoPages] = PATTERNS;
if (!onePage || !twoPages) throw new Error("the bench has no patterns");

const result = (contestant: string, cpu: number[], pattern = onePage): Result => ({
  contestant,
  pattern,
  slices: cpu.map((cpuMicros) => ({ cpuMicros, wallMicros: cpuMicros })),
  requestsAnAnswer: pattern.requests,
});

it("compares round by round, a page of items at a time", () => {
  const base = result("lib-dynamodb", [1_000, 4_000, 2_000]);
  const ours = result("tablewright", [1_050, 4_200, 2_060]);
  expect(summarize(ours, base)).toEqual({
    cpu: { median: 2_060, least: 1_050, most: 4_200 },
    ratio: 1.05,
    morePerPage: { median: 60, least: 50, most: 200 },
  });
  const two = [result("lib-dynamodb", [1_000], twoPages), result("tablewright", [1_300], twoPages)] as const;
  expect(summarize(two[1], two[0]).morePerPage?.median).toBe(150);
  const lines = patternTable([ours, base], "lib-dynamodb").split("\n");
  expect(lines[2]).toMatch(/^tablewright +2060 \(1050 to 4200\) +1.05 +60 \(50 to 200\) +1.00$/);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
});

/** What a contestant sends for one answer of each pattern; its worker judges the answers. */
async function bodiesOf(module: string, sink: AnswerSink) {
  const worker = await startWorker(module, sink.endpoint, "quick-photos");
  try {
    const bodies: Record<string, string[]> = {};
    for (const { id } of PATTERNS) {
      await worker.run({ id, answers: 1 });
      bodies[id] = Object.keys((await sink.take()).bodies);
    }
    return bodies;
  } finally {
    worker.stop();
  }
}

it("our functions send what the design needs, no request more, and the same as the document client does", async () => {
  const sink = await startSink("quick-photos");
  try {
    const ours = await bodiesOf("contestants/tablewright.ts", sink);
    for (const { id, requests } of PATTERNS) expect(ours[id], id).toHaveLength(requests);
    expect(await bodiesOf("contestants/lib-dynamodb.ts", sink)).toEqual(ours);
  } finally {
    sink.stop();
  }
}, 60_000);
