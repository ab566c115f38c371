import type { AnyAccessPattern, QuerySet } from "../query/access-pattern.ts";
import type { OracleSet, ReadCheck, WriteCheck } from "../query/oracle.ts";
import { NoPatternsError, UnknownPatternError } from "./errors.ts";

/** A pattern with its check, or with the reason why it cannot be judged. */
export interface PlannedPattern {
  readonly pattern: AnyAccessPattern;
  readonly check?: ReadCheck<unknown> | WriteCheck<unknown>;
  readonly problem?: string;
}

/** What a run is going to judge, and what it leaves aside. */
export interface VerifyPlan {
  readonly patterns: readonly PlannedPattern[];
  readonly notSelected: readonly string[];
}

function findCheck(pattern: AnyAccessPattern, oracles: OracleSet): PlannedPattern {
  const [check, another] = oracles.checks.filter((candidate) => candidate.pattern.id === pattern.id);
  if (!check) return { pattern, problem: "it has no check in the model's oracles" };
  if (another) return { pattern, problem: "it has more than one check in the model's oracles" };
  if (check.kind !== pattern.kind) {
    return {
      pattern,
      problem: `it is a ${pattern.kind} pattern, but its check is one for a ${check.kind} pattern`,
    };
  }
  return { pattern, check };
}

/**
 * Pairs each pattern with its check. A pattern without one, and a check of a pattern that is not in the
 * query set, are planned with their problem: they fail.
 * @param selected ids to judge; empty means all
 * @throws {NoPatternsError} {@link UnknownPatternError}
 */
export function planVerify(
  querySet: QuerySet,
  oracles: OracleSet,
  selected: readonly string[] = [],
): VerifyPlan {
  const ids = new Set(querySet.patterns.map(({ id }) => id));
  const strays = oracles.checks
    .filter(({ pattern }) => !ids.has(pattern.id))
    .map(({ pattern }) => ({
      pattern,
      problem: "it has a check, but is not in the model's list of patterns",
    }));
  const all: PlannedPattern[] = [
    ...querySet.patterns.map((pattern) => findCheck(pattern, oracles)),
    ...strays,
  ];
  if (querySet.patterns.length === 0) throw new NoPatternsError(querySet.model);
  const known = all.map(({ pattern }) => pattern.id);
  const unknown = selected.filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new UnknownPatternError(unknown, known);
  const isSelected = ({ pattern }: PlannedPattern) => selected.length === 0 || selected.includes(pattern.id);
  return {
    patterns: all.filter(isSelected),
    notSelected: all.filter((planned) => !isSelected(planned)).map(({ pattern }) => pattern.id),
  };
}
