import type { PatternResult, PatternStatus, VerifyReport } from "../report.ts";

/** How a status is called. */
export const STATUS_WORDS: Readonly<Record<PatternStatus, string>> = {
  pass: "pass",
  fail: "FAIL",
  overBudget: "over budget",
  indeterminate: "indeterminate",
  notRun: "not run",
};

/** What a report tells first. */
const WORST_FIRST: readonly PatternStatus[] = ["fail", "indeterminate", "overBudget", "notRun", "pass"];

/** Patterns or inputs with what went wrong first; else in the order they have. */
export const worstFirst = <Judged extends { readonly status: PatternStatus }>(
  judged: readonly Judged[],
): Judged[] => [...judged].sort((a, b) => WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status));

/** Whether a pattern was left out on purpose, which is no failure. */
export const isLeftOut = ({ status, kind }: PatternResult, { readOnly }: VerifyReport): boolean =>
  status === "notRun" && kind === "write" && readOnly;

/** Patterns whose result is worth a word. */
export const problemsIn = (report: VerifyReport): PatternResult[] =>
  worstFirst(report.patterns.filter((result) => result.status !== "pass" && !isLeftOut(result, report)));

/** What a pattern's result says, where it says anything. */
export const messageOfResult = ({ status, message }: PatternResult): string =>
  message ?? (status === "notRun" ? "it was not run" : "");

/** The sums of a report, such as `14 of 14 judged: 14 passed, 0 failed`. */
export function sumsOf({
  patterns,
  passed,
  failed,
  overBudget,
  indeterminate,
  notRun,
}: VerifyReport): string {
  const others = [
    overBudget > 0 ? `${overBudget} over budget` : "",
    indeterminate > 0 ? `${indeterminate} indeterminate` : "",
    notRun > 0 ? `${notRun} not run` : "",
  ].filter(Boolean);
  const parts = [`${passed} passed`, `${failed} failed`, ...others].join(", ");
  return `${patterns.length - notRun} of ${patterns.length} judged: ${parts}`;
}
