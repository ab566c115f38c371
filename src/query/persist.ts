import { retryFailures } from "../dynamo/backoff.ts";
import { classifyFailure } from "../dynamo/classify.ts";
import type { Database } from "./access-pattern.ts";
import { ContendedError } from "./errors.ts";

/** How long a request is sent again and again, in milliseconds. */
export interface Patience {
  /** Under throttles and conflicts. Default 30,000: a queue of writers on one hot item gets through one by one. */
  readonly contentionMs?: number;
  /** While nothing answers, on top of the SDK's own attempts. Default 5,000: a person is waiting to hear it. */
  readonly unavailableMs?: number;
}

/**
 * Sends a request until it is answered: throttles and conflicts with other transactions are waited for
 * with full jitter, broken connections are tried again. The request must be safe to repeat.
 * @throws the signal's reason when it is aborted; {@link ContendedError} when other transactions hold the items until the deadline.
 */
export async function persist<T>(
  database: Database,
  operation: () => Promise<T>,
  patience: Patience = {},
): Promise<T> {
  const { contentionMs = 30_000, unavailableMs = 5_000 } = patience;
  const { signal } = database;
  const reach = () => retryFailures(operation, { kinds: ["unavailable"], deadlineMs: unavailableMs, signal });
  try {
    return await retryFailures(reach, {
      kinds: ["throttled", "conflict"],
      baseMs: 25,
      capMs: 1_000,
      deadlineMs: contentionMs,
      signal,
    });
  } catch (error) {
    // The SDK says only that it was aborted; the signal says why.
    signal?.throwIfAborted();
    if (classifyFailure(error) === "conflict") {
      throw new ContendedError(database.table, contentionMs / 1000, error);
    }
    throw error;
  }
}
