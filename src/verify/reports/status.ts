import type { ModelResult, PatternResult, PatternStatus, VerifyReport } from "../report.ts";

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

/** What a report tells of one by one: a pattern, or something that holds of the model as a whole. */
export type Result = PatternResult | ModelResult;

/** Whether it was left out on purpose, which is no failure. */
export const isLeftOut = ({ status, kind }: Result, { readOnly }: VerifyReport): boolean =>
  status === "notRun" && (kind === "write" ? readOnly : kind !== "read");

/** Results that are worth a word: what went wrong first. */
export const problemsIn = (report: VerifyReport): Result[] =>
  worstFirst(
    [...report.patterns, ...report.modelResults].filter(
      (result) => result.status !== "pass" && !isLeftOut(result, report),
    ),
  );

/** What a result says, where it says anything. */
export const messageOfResult = ({ status, message }: Result): string =>
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
