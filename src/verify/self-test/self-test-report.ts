import type { Verdict } from "../verdict.ts";
import type { MutationKind } from "./kinds.ts";

/** What the mutants of one kind came to. */
export interface KindResult {
  kind: MutationKind;
  /** How many mistakes of this kind showed in what a pattern answered or left in the table. */
  mutants: number;
  /** How many of them turned their pattern red. */
  killed: number;
  /** How many more changed nothing of it: nobody could have seen them, so they are no mutants. */
  withoutEffect: number;
  /** Why the model cannot have this kind; only where there are no mutants of it. */
  absent?: string;
}

/** A mistake that showed, and that the check of its pattern let through. */
export interface Survivor {
  kind: MutationKind;
  pattern: string;
  /** The input that it was tried on; absent for writes, where it is all cases of the check. */
  input?: string;
  /** What was changed: `timestamp`, `LastEvaluatedKey`. */
  what: string;
  /** What the mutant was judged to be. Only `fail` kills. */
  verdict: Exclude<Verdict["status"], "fail">;
}

/** A pattern whose mutants could not be judged. */
export interface NotTested {
  pattern: string;
  /** What the pattern without any mistake was judged to be. */
  status: "fail" | "indeterminate" | "notRun";
  reason: string;
}

/** Whether the checks of a model can fail: what became of mistakes that were made on purpose. */
export interface SelfTestReport {
  kinds: KindResult[];
  mutants: number;
  killed: number;
  /** Killed of all, from 0 to 1; 0 where there were none. */
  rate: number;
  survivors: Survivor[];
  notTested: NotTested[];
  /** Kinds that the model can have and of which no mutant was drawn, in words. */
  gaps: string[];
  seconds: number;
}
