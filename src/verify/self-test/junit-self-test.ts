import type { XMLElement } from "xmlbuilder";
import { MUTATION_KINDS } from "./kinds.ts";
import { kindProblems } from "./render-self-test.ts";
import type { SelfTestReport } from "./self-test-report.ts";

/** The cases of a self-test in JUnit's terms. */
export interface SelfTestCounts {
  readonly tests: number;
  readonly failures: number;
  readonly skipped: number;
}

/** One case a kind of mistake, and one for each pattern that was not tested. */
export function selfTestCounts(report: SelfTestReport): SelfTestCounts {
  const failed = report.kinds.filter((kind) => kindProblems(report, kind).length > 0);
  return {
    tests: report.kinds.length + report.notTested.length,
    failures: failed.length + report.notTested.length,
    skipped: report.kinds.filter(({ absent }) => absent !== undefined).length,
  };
}

/** Adds a self-test to a JUnit report, as a suite of its own. */
export function addSelfTest(root: XMLElement, table: string, report: SelfTestReport): void {
  const counts = { ...selfTestCounts(report), errors: 0, time: report.seconds.toFixed(3) };
  const suite = root.ele("testsuite", { name: `verify --self-test ${table}`, ...counts });
  const caseOf = (name: string) => suite.ele("testcase", { classname: `self-test.${table}`, name, time: 0 });
  for (const kind of report.kinds) {
    const testCase = caseOf(`${MUTATION_KINDS[kind.kind]}: ${kind.killed} of ${kind.mutants} killed`);
    const [message, ...others] = kindProblems(report, kind);
    if (message !== undefined) {
      testCase.ele("failure", { type: "survived", message }, [message, ...others].join("\n"));
    } else if (kind.absent !== undefined) testCase.ele("skipped", { message: kind.absent });
  }
  for (const { pattern, reason } of report.notTested) {
    caseOf(`${pattern} is tested`).ele("failure", { type: "notTested", message: reason }, reason);
  }
}
