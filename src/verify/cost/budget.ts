import type { AnyAccessPattern } from "../../query/access-pattern.ts";
import type { SentCommand } from "../probe.ts";
import { PASS, type Verdict } from "../verdict.ts";
import { total } from "./measure.ts";

/** What one run of a pattern took. */
export interface RunCost {
  /** How many rows its answer has; undefined for a write. */
  readonly rows?: number | undefined;
  /** Commands that were answered whole: retries, and what is asked for again as DynamoDB left it over, do not count. */
  readonly requests: number;
  /** Read units by DynamoDB's sizing rules; undefined for a write, and where the answer does not show it. */
  readonly readUnits?: number | undefined;
  /** As DynamoDB reported them. */
  readonly reportedUnits?: number | undefined;
}

/** Adds up what a run's commands took. @param rows of its answer */
export const runCost = (rows: number | undefined, commands: readonly SentCommand[]): RunCost => ({
  rows,
  requests: commands.filter(({ isPartial }) => !isPartial).length,
  readUnits: total(commands.map(({ modelledReadUnits }) => modelledReadUnits)) ?? undefined,
  reportedUnits: total(commands.map(({ reportedUnits }) => reportedUnits)) ?? undefined,
});

const overBudget = (line: string): Verdict => ({ status: "overBudget", lines: [line] });

/**
 * Judges what one run took against the pattern's budget. Modelled units are judged everywhere; reported ones only
 * on AWS, as engines report others, and there a difference between the two is a finding by itself.
 */
export function judgeBudget(
  { budget }: AnyAccessPattern,
  { requests, readUnits, reportedUnits }: RunCost,
  isAws: boolean,
): Verdict {
  if (isAws && readUnits !== undefined && reportedUnits !== undefined && reportedUnits !== readUnits)
    return overBudget(
      `DynamoDB reports ${reportedUnits} read units, and by its sizing rules they are ${readUnits}`,
    );
  if (!budget) return PASS;
  if (requests > budget.requests)
    return overBudget(`it took ${requests} requests, and its budget is ${budget.requests}`);
  if (budget.readUnits !== undefined && readUnits !== undefined && readUnits > budget.readUnits)
    return overBudget(`it took ${readUnits} read units, and its budget is ${budget.readUnits}`);
  return PASS;
}

/** The run with the most rows, and of these the first: the same one whatever the seed draws. */
export const largestRun = (runs: readonly RunCost[]): RunCost | undefined =>
  runs.reduce<RunCost | undefined>(
    (largest, run) => (largest && (largest.rows ?? 0) >= (run.rows ?? 0) ? largest : run),
    undefined,
  );
