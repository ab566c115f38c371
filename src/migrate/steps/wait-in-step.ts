import { NotReadyError } from "../../dynamo/errors.ts";
import type { WaitOptions } from "../../dynamo/wait-until.ts";
import { NotYetError } from "../errors.ts";
import type { StepContext } from "./step-context.ts";

/** How a step waits for a table that changes. */
export function waitOptions({
  pollMs,
  graceMs,
  patienceMs,
  waitMs,
  signal,
  clock,
}: StepContext): WaitOptions {
  return { timeoutSeconds: waitMs / 1000, pollMs, graceMs, patienceMs, signal, clock };
}

/**
 * Waits; what takes longer than the run may wait is not yet done, which is no failure.
 * @param describe says what it waits for, and how far that is. Default: as the wait itself says
 * @throws {NotYetError}
 */
export async function orNotYet<T>(
  waiting: Promise<T>,
  describe?: () => { readonly what: string; readonly status: string },
): Promise<T> {
  try {
    return await waiting;
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    const { what, status } = describe?.() ?? error.facts;
    throw new NotYetError(String(what), String(status), error);
  }
}
