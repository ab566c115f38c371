import type { AnyAccessPattern } from "../../query/access-pattern.ts";
import { describeFailure } from "../run-pattern.ts";

/** A pattern of which it is known what it answered. */
export interface WatchedPattern {
  readonly pattern: AnyAccessPattern;
  /** What the runs since the last call came to: the pattern's own results, and how it failed. */
  takeOutcomes(): unknown[];
}

/** Keeps what a pattern answers, before its check has looked at it. */
export function watchPattern(pattern: AnyAccessPattern): WatchedPattern {
  let outcomes: unknown[] = [];
  const run: AnyAccessPattern["run"] = async (database, input) => {
    try {
      const result: unknown = await pattern.run(database, input);
      outcomes.push({ result });
      return result;
    } catch (error) {
      outcomes.push({ failure: describeFailure(error) });
      throw error;
    }
  };
  return {
    pattern: { ...pattern, run },
    takeOutcomes: () => {
      const taken = outcomes;
      outcomes = [];
      return taken;
    },
  };
}
