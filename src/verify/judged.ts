import type { CheckInput } from "../query/oracle.ts";
import type { RunCost } from "./cost/budget.ts";
import { addCosts, type Cost, NO_COST, type SentRequests } from "./cost/measure.ts";
import type { ExpectedEvidence, PartEvidence } from "./evidence/evidence.ts";
import type { Answer } from "./judge-answer.ts";
import type { Verdict } from "./verdict.ts";

/** One input of a pattern: what was expected, sent and answered, and what that came to. */
export interface JudgedInput {
  readonly input: CheckInput;
  readonly verdict: Verdict;
  readonly expected: ExpectedEvidence;
  /** Absent where the pattern was not run. */
  readonly answer?: Answer | { readonly kind: "done" } | undefined;
  readonly sent: SentRequests;
  readonly cost: Cost;
  readonly parts: readonly PartEvidence[];
}

/** What judging a pattern came to. */
export interface Judged {
  readonly verdict: Verdict;
  readonly inputs: readonly JudgedInput[];
  /** What each run took, whole answers only. */
  readonly runs: readonly RunCost[];
}

/** Of a pattern that cannot be run. */
export const NOTHING_JUDGED = { inputs: [], runs: [] } as const satisfies Partial<Judged>;

/** Of an input that was not run. */
export const NOTHING_SENT = {
  sent: { commands: [], first: undefined },
  cost: NO_COST,
  parts: [],
} as const satisfies Partial<JudgedInput>;

/** What the runs of all inputs cost together. */
export const costOf = ({ inputs }: Judged): Cost => addCosts(inputs.map(({ cost }) => cost));
