import type { Expectation } from "../query/oracle.ts";
import { compareRows } from "./compare-rows.ts";
import { describeDifference } from "./describe-difference.ts";
import type { Outcome } from "./run-pattern.ts";

/** What a judgement came to, with its reason where it is no pass. */
export type Verdict = { readonly status: "pass" } | Problem;

/** A judgement that is no pass, and why. */
export interface Problem {
  readonly status: "fail" | "indeterminate" | "overBudget";
  readonly lines: readonly string[];
}

export const PASS = { status: "pass" } as const satisfies Verdict;

/** A verdict of `fail` with its reason. */
export const fail = (...lines: string[]): Problem => ({ status: "fail", lines });

/** The same verdict, with the name of what was judged in front of its reason. */
export function named(name: string, verdict: Verdict): Verdict {
  if (verdict.status === "pass") return verdict;
  const [first = "", ...rest] = verdict.lines;
  return { ...verdict, lines: [`${name}: ${first}`, ...rest.map((line) => `  ${line}`)] };
}

const describeOutcome = (outcome: Exclude<Outcome, { kind: "answer" }>) =>
  outcome.kind === "refusal" ? `refused with ${outcome.code} (${outcome.message})` : outcome.message;

/** The verdict on an outcome that is no answer, where `wanted` says what it should have been. */
export function judgeNoAnswer(outcome: Exclude<Outcome, { kind: "answer" }>, wanted: string): Verdict {
  if (outcome.kind === "unknown") return { status: "indeterminate", lines: [outcome.message] };
  return fail(
    `expected ${wanted}, but it ${outcome.kind === "error" ? "failed: " : "was "}${describeOutcome(outcome)}`,
  );
}

/** Judges an outcome that should be a refusal of a certain code. */
export function judgeRefusal(outcome: Outcome, code: string): Verdict {
  if (outcome.kind === "refusal" && outcome.code === code) return PASS;
  if (outcome.kind === "answer") return fail(`expected the refusal ${code}, but it was done`);
  return judgeNoAnswer(outcome, `the refusal ${code}`);
}

const WORST_FIRST = ["fail", "indeterminate", "overBudget"] as const;

/** Puts the verdicts on several inputs together: a wrong answer wins over an unknown one, and that over a dear one. */
export function combine(verdicts: readonly Verdict[]): Verdict {
  const problems = verdicts.filter((verdict) => verdict.status !== "pass");
  const worst = WORST_FIRST.find((status) => problems.some((problem) => problem.status === status));
  const same = problems.filter(({ status }) => status === worst);
  const [first] = same;
  if (!first) return PASS;
  // Of what nobody knows, one reason is enough.
  const others = worst === "indeterminate" ? 0 : same.length - 1;
  return others > 0
    ? { ...first, lines: [...first.lines, `and ${others} more problem${others === 1 ? "" : "s"}`] }
    : first;
}

/** Judges the rows of an answer. */
export function judgeRows(
  expectation: Extract<Expectation, { kind: "rows" }>,
  rows: readonly unknown[],
): Verdict {
  const difference = compareRows(expectation.rows, rows, expectation.compare);
  return difference ? fail(...describeDifference(difference)) : PASS;
}
