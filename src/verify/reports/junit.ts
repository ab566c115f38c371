import xmlbuilder, { type XMLElement } from "xmlbuilder";
import type { VerifyReport } from "../report.ts";
import { addSelfTest, selfTestCounts } from "../self-test/junit-self-test.ts";
import { isLeftOut, type Result } from "./status.ts";

const seconds = (results: readonly Result[]) =>
  (results.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000).toFixed(3);

const firstLine = (message: string) => message.split("\n")[0] ?? "";

/** A wrong answer is a `failure`; what could not be judged is an `error`; what was left out on purpose is `skipped`. */
function elementOf(result: Result, report: VerifyReport): "failure" | "error" | "skipped" | undefined {
  if (result.status === "pass") return undefined;
  if (result.status === "indeterminate") return "error";
  return isLeftOut(result, report) ? "skipped" : "failure";
}

function addCase(suite: XMLElement, result: Result, report: VerifyReport): void {
  const { id, title, status, message = "it was not run" } = result;
  const testCase = suite.ele("testcase", {
    classname: `verify.${report.table}`,
    name: `${id}: ${title}`,
    time: seconds([result]),
  });
  const element = elementOf(result, report);
  if (element === "skipped") {
    const reason = result.kind === "write" ? "left out by --read-only" : firstLine(message);
    testCase.ele("skipped", { message: reason });
  } else if (element) testCase.ele(element, { type: status, message: firstLine(message) }, message);
}

/** The report in the JUnit XML that CI systems read: one test case a pattern, and one for all that was judged of the model. */
export function renderJunit(report: VerifyReport): string {
  const { patterns, modelResults } = report;
  const results = [...patterns, ...modelResults];
  const count = (element: string) => results.filter((result) => elementOf(result, report) === element).length;
  const counts = {
    tests: results.length,
    failures: count("failure"),
    errors: count("error"),
    time: seconds(results),
  };
  // Data may hold characters that XML 1.0 has no spelling for, such as control characters.
  const root = xmlbuilder.create("testsuites", { encoding: "UTF-8", invalidCharReplacement: "\uFFFD" });
  const tested = report.selfTest ? selfTestCounts(report.selfTest) : { tests: 0, failures: 0 };
  root.att({
    ...counts,
    tests: counts.tests + tested.tests,
    failures: counts.failures + tested.failures,
  });
  // What was skipped is counted by suites only: Jenkins refuses it above them.
  const suite = root.ele("testsuite", {
    name: `verify ${report.table}`,
    ...counts,
    skipped: count("skipped"),
    timestamp: report.startedAt,
  });
  const properties = suite.ele("properties");
  properties.ele("property", { name: "seed", value: report.seed });
  properties.ele("property", { name: "source", value: report.source });
  for (const result of results) addCase(suite, result, report);
  if (report.selfTest) addSelfTest(root, report.table, report.selfTest);
  return `${root.end({ pretty: true })}\n`;
}
