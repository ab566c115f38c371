import { counted } from "../counted.ts";
import type { Expectation } from "../query/oracle.ts";
import { compareRows, compareSubset, type RowsDifference } from "./compare-rows.ts";
import { describeDifference } from "./describe-difference.ts";
import { maskedLine } from "./masked.ts";
import type { Outcome } from "./run-pattern.ts";
import { fail, HIDDEN, PASS, type Problem, type Verdict } from "./verdict.ts";

/** The rows of all pages that a pattern answered with. */
export interface RowsAnswer {
  readonly kind: "rows";
  readonly rows: readonly unknown[];
  readonly pages: number;
  /** The input of the first page as the pattern was given it, defaults filled in. */
  readonly asked: Record<string, unknown>;
  /** What went wrong on the way from page to page, if anything. */
  readonly problem?: Problem;
}

/** An outcome that is no answer. */
export type NoAnswer = Exclude<Outcome, { kind: "answer" }>;

/** What a reading pattern answered: rows, or why there are none. */
export type Answer = RowsAnswer | NoAnswer;

/** How many rows an expectation has: none, where it is a refusal. */
export function expectedRows(expectation: Expectation): number {
  if (expectation.kind === "refusal") return 0;
  return expectation.compare === "subset" ? expectation.count : expectation.rows.length;
}

/** The verdict on an outcome that is no answer, where `wanted` says what it should have been. */
export function judgeNoAnswer(outcome: NoAnswer, wanted: string): Problem {
  if (outcome.kind === "unknown") return { status: "indeterminate", lines: [outcome.message] };
  const say = (message: string) =>
    outcome.kind === "refusal"
      ? `expected ${wanted}, but it was refused with ${outcome.code} (${message})`
      : `expected ${wanted}, but it failed: ${message}`;
  return { ...fail(say(outcome.message)), masked: [say(HIDDEN)] };
}

/** Judges an outcome that should be a refusal of a certain code. */
export function judgeRefusal(outcome: Outcome | Answer, code: string): Verdict {
  if (outcome.kind === "answer" || outcome.kind === "rows") {
    return fail(`expected the refusal ${code}, but it was done`);
  }
  if (outcome.kind === "refusal" && outcome.code === code) return PASS;
  return judgeNoAnswer(outcome, `the refusal ${code}`);
}

/** The verdict on rows that differ from the right ones. */
export const failDifferent = (difference: RowsDifference): Problem => ({
  ...fail(...describeDifference(difference)),
  masked: describeDifference(difference, maskedLine),
  difference,
});

/** Judges what a reading pattern answered. */
export function judgeAnswer(expectation: Expectation, answer: Answer): Verdict {
  if (expectation.kind === "refusal") return judgeRefusal(answer, expectation.code);
  if (answer.kind !== "rows") return judgeNoAnswer(answer, counted(expectedRows(expectation), "row"));
  if (answer.problem) return answer.problem;
  const difference =
    expectation.compare === "subset"
      ? compareSubset(expectation.rows, answer.rows, expectation.count)
      : compareRows(expectation.rows, answer.rows, expectation.compare);
  return difference ? failDifferent(difference) : PASS;
}
