import type { InputEvidence } from "../evidence/evidence.ts";
import type { PatternResult } from "../report.ts";
import type { Result } from "./status.ts";

/** What one run took, as budgets count it. */
export interface CountedRun {
  /** Requests that were answered whole. */
  readonly requests: number;
  /** Read units by DynamoDB's sizing rules; undefined for a write, and where the answer does not show them. */
  readonly readUnits: number | undefined;
}

/** What the run of an input took. */
export function costOfInput({ requests }: InputEvidence): CountedRun {
  const whole = requests.filter(({ partial }) => !partial).length;
  const isKnown = requests.length > 0 && requests.every(({ readUnits }) => readUnits !== undefined);
  const readUnits = requests.reduce((sum, request) => sum + (request.readUnits ?? 0), 0);
  return { requests: whole, readUnits: isKnown ? readUnits : undefined };
}

/** The most that any input of a pattern took, in requests and in read units; undefined where nothing was sent. */
export function dearest({ evidence }: PatternResult): CountedRun | undefined {
  const costs = evidence.map(costOfInput).filter(({ requests }) => requests > 0);
  if (costs.length === 0) return undefined;
  const units = costs.flatMap(({ readUnits }) => readUnits ?? []);
  return {
    requests: Math.max(...costs.map(({ requests }) => requests)),
    readUnits: units.length > 0 ? Math.max(...units) : undefined,
  };
}

/** A value with its limit beside it: `2.5 of 2`. */
export const ofLimit = (value: number, limit: number | undefined): string =>
  limit === undefined ? String(value) : `${value} of ${limit}`;

/**
 * What the dearest run took beside its budget: `requests 1 of 1, read units 2.5 of 2`; undefined where none ran, as
 * for what holds of the model as a whole.
 */
export function costLine(result: Result): string | undefined {
  if (!("evidence" in result)) return undefined;
  const most = dearest(result);
  if (!most) return undefined;
  const { budget } = result;
  const units =
    most.readUnits === undefined ? [] : [`read units ${ofLimit(most.readUnits, budget?.readUnits)}`];
  return [`requests ${ofLimit(most.requests, budget?.requests)}`, ...units].join(", ");
}
