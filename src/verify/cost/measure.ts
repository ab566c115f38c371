import type { PatternRequest } from "../../query/access-pattern.ts";
import type { Probe, SentCommand } from "../probe.ts";
import type { PatternResult } from "../report.ts";
import { measureWholeReads } from "./whole-read.ts";

/** What runs of a pattern cost. */
export type Cost = Pick<
  PatternResult,
  "requests" | "modelledReadUnits" | "reportedReadUnits" | "milliseconds"
>;

export const NO_COST: Cost = {
  requests: 0,
  modelledReadUnits: null,
  reportedReadUnits: null,
  milliseconds: 0,
};

/** Adds up values, where one that is missing makes the sum unknown. */
export function total(values: readonly (number | undefined)[]): number | null {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return null;
    sum += value;
  }
  return sum;
}

/** Adds up what several runs cost; nothing known of one leaves nothing known of the sum. */
export function addCosts(costs: readonly Cost[]): Cost {
  if (costs.length === 0) return NO_COST;
  return {
    requests: costs.reduce((sum, cost) => sum + cost.requests, 0),
    modelledReadUnits: total(costs.map((cost) => cost.modelledReadUnits ?? undefined)),
    reportedReadUnits: total(costs.map((cost) => cost.reportedReadUnits ?? undefined)),
    milliseconds: costs.reduce((sum, cost) => sum + cost.milliseconds, 0),
  };
}

/** What a run came to, what it sent and what that cost. */
export interface Measured<T> {
  readonly value: T;
  readonly sent: SentRequests;
  readonly cost: Cost;
}

/** What a run sent. */
export interface SentRequests {
  /** What was answered. */
  readonly commands: readonly SentCommand[];
  /** What was sent first, answered or not. */
  readonly first: PatternRequest | undefined;
}

/**
 * Runs something and measures it: what it sent through the probe, and its time. Where an answer does not show what was
 * read, that is read once more afterwards, which counts for nothing else.
 */
export async function measure<T>(probe: Probe, run: () => Promise<T>): Promise<Measured<T>> {
  probe.takeCommands();
  probe.takeFirst();
  const requestsBefore = probe.requests();
  const startedAt = performance.now();
  const value = await run();
  const milliseconds = performance.now() - startedAt;
  const requests = probe.requests() - requestsBefore;
  const first = probe.takeFirst();
  const commands = await measureWholeReads(probe, probe.takeCommands());
  const cost: Cost = {
    requests,
    modelledReadUnits: total(commands.map((command) => command.modelledReadUnits)),
    reportedReadUnits: total(commands.map((command) => command.reportedUnits)),
    milliseconds,
  };
  return { value, cost, sent: { commands, first } };
}
