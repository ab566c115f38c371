import { classifyFailure, type FailureKind } from "./classify.ts";
import { type Clock, systemClock } from "./clock.ts";
import { heldTime } from "./held-time.ts";

/** How long to wait between attempts. */
export interface BackoffOptions {
  /** Upper bound of the first wait, in milliseconds. Default 50. */
  baseMs?: number;
  /** Upper bound of any wait, in milliseconds. Default 5,000. */
  capMs?: number;
  /** Where randomness comes from. Default `Math.random`. */
  random?: () => number;
}

/**
 * A wait before attempt number `attempt` (the first retry is 1), by full jitter: uniform between 0 and an
 * exponentially growing bound (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export function fullJitter(attempt: number, options: BackoffOptions = {}): number {
  const { baseMs = 50, capMs = 5_000, random = Math.random } = options;
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30));
}

export { sleep } from "./clock.ts";

/** How {@link retryFailures} goes about it. */
export interface RetryOptions extends BackoffOptions {
  /** The kinds of failure worth another attempt. Default: throttled, conflict, unavailable. */
  kinds?: readonly FailureKind[];
  /**
   * Give up when this much time has passed since the first failure, without that in which the next attempts were
   * held back. Default 30,000 ms.
   */
  deadlineMs?: number;
  signal?: AbortSignal | undefined;
  /** Default: the process's own. */
  clock?: Clock | undefined;
  /** Called before each wait. */
  onRetry?: (kind: FailureKind, attempt: number) => void;
}

/**
 * Runs `operation` until it succeeds, fails for a reason that waiting does not cure, or the deadline
 * passes; then the last error is thrown as it came. The operation must be safe to repeat.
 */
export async function retryFailures<T>(operation: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { kinds = ["throttled", "conflict", "unavailable"], deadlineMs = 30_000, signal, onRetry } = options;
  const { clock = systemClock } = options;
  // Not since the start: a request may have waited for its turn, or for the end of a pause.
  let failedAt: number | undefined;
  let held = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await operation();
    } catch (error) {
      const kind = classifyFailure(error);
      const wait = fullJitter(attempt, options);
      if (failedAt === undefined) failedAt = clock.now();
      else held += heldTime(error);
      const spent = clock.now() - failedAt - held;
      if (!kinds.includes(kind) || spent + wait > deadlineMs) throw error;
      onRetry?.(kind, attempt);
      await clock.sleep(wait, signal);
    }
  }
}
