import { expect, test } from "vitest";
import { createStyle } from "../../src/log.ts";
import {
  exitCodeOfReport,
  type ModelResult,
  type PatternResult,
  type PatternStatus,
  summarize,
  type VerifyReport,
} from "../../src/verify/report.ts";
import { renderJunit } from "../../src/verify/reports/junit.ts";
import { renderText } from "../../src/verify/reports/text.ts";

const result = (id: string, status: PatternStatus, more: Partial<PatternResult> = {}): PatternResult => ({
  id,
  title: `Title of ${id}`,
  kind: "read",
  status,
  requests: 7,
  modelledReadUnits: 3.5,
  reportedReadUnits: 3,
  milliseconds: 12.3,
  inputs: 7,
  description: `Description of ${id}.`,
  operations: ["Query"],
  keyCondition: "PK = <id>",
  evidence: [],
  ...more,
});

const report = (patterns: PatternResult[], readOnly = false): VerifyReport =>
  summarize(
    {
      model: "quick-photos",
      table: "quick-photos",
      startedAt: "2026-11-22T00:00:00.000Z",
      seconds: 1.5,
      redacted: false,
      seed: 42,
      source: "seeds/items.json",
      sourceSha256: "0",
      lock: "none",
      readOnly,
      notSelected: [],
      modelResults: [],
    },
    patterns,
  );

/** The characters in a text that steer a terminal or have no place in XML. */
const controls = (text: string) => new Set(text.match(/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu));

const exitOf = (...statuses: PatternStatus[]) =>
  exitCodeOfReport(report(statuses.map((status, index) => result(`p${index}`, status))));

test("exit codes: 1 over 3 over 2, and nothing but a pass is fine", () => {
  expect(exitOf("pass", "pass")).toBe(0);
  expect(exitOf("pass", "fail")).toBe(1);
  expect(exitOf("pass", "indeterminate")).toBe(3);
  expect(exitOf("pass", "overBudget")).toBe(2);
  expect(exitOf("indeterminate", "overBudget")).toBe(3);
  expect(exitOf("indeterminate", "overBudget", "fail")).toBe(1);
  expect(exitOf("pass", "notRun")).toBe(1);
  expect(exitOf()).toBe(1);
});

test("only a writing pattern may be left out, and only with --read-only", () => {
  const left = result("w", "notRun", { kind: "write" });
  expect(exitCodeOfReport(report([result("r", "pass"), left], true))).toBe(0);
  expect(exitCodeOfReport(report([result("r", "pass"), left], false))).toBe(1);
  expect(exitCodeOfReport(report([result("r", "notRun"), left], true))).toBe(1);
});

const ofModel = (id: string, status: ModelResult["status"], message?: string): ModelResult => ({
  id,
  kind: id === "indexes" ? "coverage" : "invariant",
  title: `Title of ${id}`,
  status,
  milliseconds: 2,
  ...(message === undefined ? {} : { message }),
});

test("what was judged of the model counts like a pattern, what was left out on purpose does not, and all is shown", () => {
  const withModel = (...modelResults: ModelResult[]) => ({ ...report([result("p", "pass")]), modelResults });
  expect(exitCodeOfReport(withModel(ofModel("a", "pass"), ofModel("b", "notRun", "why not")))).toBe(0);
  expect(exitCodeOfReport(withModel(ofModel("a", "indeterminate", "late")))).toBe(3);
  const red = withModel(
    ofModel("a", "fail", "1 is wrong\nx: expected 1, got 2"),
    ofModel("b", "indeterminate", "late"),
    ofModel("c", "pass"),
    ofModel("indexes", "notRun", "left out"),
  );
  expect(exitCodeOfReport(red)).toBe(1);
  const text = renderText(red, createStyle(false));
  expect(text).toMatch(/^FAIL a \(Title of a\)\n {2}1 is wrong\n {2}x: expected 1, got 2\n\nindeterminate b/);
  expect(text).toContain(
    "\ninvariants: a FAIL; b indeterminate; c hold\ncoverage: indexes not judged\n  indexes: left out",
  );
  const xml = renderJunit(red);
  expect(xml).toMatch(/<testsuite name=.* tests="5" failures="1" errors="1" .*skipped="1"/);
  expect(xml).toContain('<failure type="fail" message="1 is wrong">1 is wrong');
  expect(xml).toContain('<skipped message="left out"/>');
});

const MIXED = report(
  [
    result("find-followers", "pass"),
    result("find-and-enrich-following", "fail", {
      message: "david25: expected 3 rows, got 2\n  missing { a: 1 }",
    }),
    result("fetch-user", "indeterminate", { message: "ThrottlingException: slow down" }),
    result("follow-user", "notRun", { kind: "write", modelledReadUnits: null, inputs: 0 }),
  ],
  true,
);

test("the text begins with what went wrong, fits in 80 columns and ends with the sums", () => {
  const lines = renderText(MIXED, createStyle(false)).split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "FAIL find-and-enrich-following (Title of find-and-enrich-following)",
    "  david25: expected 3 rows, got 2",
    "    missing { a: 1 }",
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines).toContain("find-followers             pass                7         7         3.5  12");
  expect(lines.at(-3)).toBe("3 of 4 judged: 1 passed, 1 failed, 1 indeterminate, 1 not run");
  expect(lines.at(-2)).toBe("right answers from seeds/items.json; inputs drawn with --seed 42");
});

test("data cannot steer the terminal", () => {
  const message = "got \u001b[2J\u001b[31mred\u0007";
  const text = renderText(report([result("p", "fail", { message })]), createStyle(false));
  expect(controls(text)).toEqual(new Set(["\n"]));
});

test("JUnit: a wrong answer is a failure, an unknown one an error, one left out is skipped", () => {
  const xml = renderJunit(MIXED);
  expect(xml).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites tests="4" failures="1" errors="1" time="[0-9.]+">\n {2}<testsuite .* skipped="1"/,
  );
  expect(xml).toContain('<property name="seed" value="42"/>');
  expect(xml.match(/<testcase /g)).toHaveLength(4);
  expect(xml).toContain('<failure type="fail" message="david25: expected 3 rows, got 2">');
  expect(xml).toContain('<error type="indeterminate" message="ThrottlingException: slow down">');
  expect(xml).toContain('<skipped message="left out by --read-only"/>');
  expect(renderJunit(report([result("p", "notRun")]))).toContain(
    '<failure type="notRun" message="it was not run">',
  );
});

test("JUnit: whatever the data hold, the XML is well formed", () => {
  const message = `a < b & "c" 'd' ]]> \u0000\u0008\u001b \ud800 \ufffe é 😀`;
  const xml = renderJunit(report([result("p", "fail", { message })]));
  expect(xml).toContain("é 😀");
  expect(xml).toContain('message="a &lt; b &amp; &quot;c&quot;');
  expect(xml).toContain("a &lt; b &amp; \"c\" 'd' ]]&gt;");
  expect(controls(xml)).toEqual(new Set(["\n"]));
});
