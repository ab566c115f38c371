import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, onTestFinished, test } from "vitest";
import { findFollowers } from "../../../queries/quick-photos/find-followers.ts";
import type { Database } from "../../../src/query/access-pattern.ts";
import { parseEarlierReport, readEarlierRuns } from "../../../src/verify/reports/earlier-reports.ts";
import { publishedSchema } from "../../../src/verify/reports/report-schema.ts";
import { ROOT } from "../../support/processes.ts";
import { fileTable, verifyTable, withPattern } from "../quick-photos.ts";
import { madeUpPattern, madeUpReport } from "./made-up.ts";

const FILE = join(ROOT, "docs/schemas/verify-report.v1.json");
const { items, table } = await fileTable();

/** A report with right and wrong answers, wrong orders, refusals and writes. */
const reversed = withPattern(findFollowers, {
  run: async (database: Database, input: never) => {
    const { followers, cursor } = await findFollowers.run(database, input);
    return { followers: followers.toReversed(), cursor };
  },
});

test("the committed schema is what the code makes (UPDATE_SCHEMA=1 writes it)", () => {
  const text = `${JSON.stringify(publishedSchema(), null, 2)}\n`;
  if (process.env.UPDATE_SCHEMA !== undefined) writeFileSync(FILE, text);
  expect(readFileSync(FILE, "utf8")).toBe(text);
});

test("a real document fits the published schema, and one with a field more or less does not", async () => {
  const validate = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(
    JSON.parse(readFileSync(FILE, "utf8")),
  );
  const report = await verifyTable(table, {
    items,
    querySet: reversed,
    bench: { ratePerSecond: 20, durationMs: 100 },
  });
  expect(report).toMatchObject({ failed: 1, passed: 13, bench: { interrupted: false } });
  const document = JSON.parse(JSON.stringify({ command: "verify", target: "here", ...report }));
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  expect(parseEarlierReport(JSON.stringify(document), "a.json")).toEqual(JSON.parse(JSON.stringify(report)));

  const [first, ...rest] = document.patterns;
  const { status: _status, ...without } = first;
  for (const wrong of [
    { ...document, version: 2 },
    { ...document, more: 1 },
    { ...document, patterns: [without, ...rest] },
    { ...document, patterns: [{ ...first, evidence: [{ ...first.evidence[0], parts: [1] }] }, ...rest] },
  ]) {
    expect(validate(wrong)).toBe(false);
  }
});

test("earlier reports are read by their time; what is wrong with one is told with its file and place", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tablewright-history-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, content: unknown) =>
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  const at = (startedAt: string, facts = {}) => ({
    command: "verify",
    ...madeUpReport([madeUpPattern("a", 4, { largest: { requests: 1, readUnits: 2 } })], {
      startedAt,
      ...facts,
    }),
  });
  write("b.json", at("2026-01-01T00:00:00.000Z"));
  // A later release may say more in the same version.
  write("a.json", { ...at("2026-01-02T00:00:00.000Z"), later: true });
  write("c.json", at("2026-01-03T00:00:00.000Z", { model: "another" }));
  write("d.json", {
    command: "verify",
    error: { code: "table-not-found", message: "", next: "", facts: {} },
  });
  write("notes.txt", "not read");
  const { runs, others } = await readEarlierRuns(folder, "history", "quick-photos");
  expect(runs.map(({ startedAt }) => startedAt)).toEqual([
    "2026-01-01T00:00:00.000Z",
    "2026-01-02T00:00:00.000Z",
  ]);
  expect(runs[0]?.patterns.get("a")).toEqual({ status: "pass", milliseconds: 3, readUnits: 2 });
  expect(others).toBe(2);

  const wrong = at("2026-01-04T00:00:00.000Z");
  const [pattern] = wrong.patterns;
  for (const [content, problem] of [
    [
      '{\n  "command": verify }',
      /^history\/z\.json is no report of verify --json: line 2, column 14: Object value expected/,
    ],
    [{ ...wrong, version: 9 }, /version: /],
    [{ ...wrong, patterns: [{ ...pattern, status: "fine" }] }, /patterns\.0\.status: /],
    [[], /expected object/],
  ] as const) {
    write("z.json", content);
    await expect(readEarlierRuns(folder, "history", "quick-photos")).rejects.toMatchObject({
      code: "earlier-report",
      exitCode: 4,
      message: expect.stringMatching(problem),
      facts: { file: "history/z.json" },
    });
  }
  await expect(readEarlierRuns(join(folder, "none"), "none", "quick-photos")).rejects.toMatchObject({
    code: "earlier-report",
  });
});
