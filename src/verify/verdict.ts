import type { RowsDifference } from "./compare-rows.ts";

/** What a judgement came to, with its reason where it is no pass. */
export type Verdict = { readonly status: "pass" } | Problem;

/** A judgement that is no pass, and why. */
export interface Problem {
  readonly status: "fail" | "indeterminate" | "overBudget";
  readonly lines: readonly string[];
  /** The same without anything that stands in items, for `--redact`; absent where nothing does. */
  readonly masked?: readonly string[];
  /** How an answer, or the table after a write, differs from the right one. */
  readonly difference?: RowsDifference;
}

export const PASS = { status: "pass" } as const satisfies Verdict;

/** In the place of words that may quote an item. */
export const HIDDEN = "(hidden by --redact)";

/** A verdict of `fail` with its reason. */
export const fail = (...lines: string[]): Problem => ({ status: "fail", lines });

/** A problem's reason, without what stands in items. */
export const maskedLines = ({ lines, masked = lines }: Problem): readonly string[] => masked;

const inFront = (name: string, [first = "", ...rest]: readonly string[]) => [
  `${name}: ${first}`,
  ...rest.map((line) => `  ${line}`),
];

/**
 * The same verdict, with the name of what was judged in front of its reason.
 * @param masked the name where nothing that stands in items may be shown
 */
export function named(name: string, verdict: Verdict, masked = name): Verdict {
  if (verdict.status === "pass") return verdict;
  return { ...verdict, lines: inFront(name, verdict.lines), masked: inFront(masked, maskedLines(verdict)) };
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
  if (others === 0) return first;
  const last = `and ${others} more problem${others === 1 ? "" : "s"}`;
  return { ...first, lines: [...first.lines, last], masked: [...maskedLines(first), last] };
}
