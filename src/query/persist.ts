import { retryFailures } from "../dynamo/backoff.ts";
import { classifyFailure } from "../dynamo/classify.ts";
import type { Database } from "./access-pattern.ts";
import { ContendedError } from "./errors.ts";

// Long enough for a queue of writers on one hot item, which DynamoDB lets through one at a time.
const CONTENTION_DEADLINE_MS = 30_000;
// On top of the SDK's own attempts: someone who waits for an answer should soon hear that nothing answers.
const UNAVAILABLE_DEADLINE_MS = 5_000;

/**
 * Sends a request until it is answered: throttles and conflicts with other transactions are waited for
 * with full jitter, broken connections are tried again. The request must be safe to repeat.
 * @throws the signal's reason when it is aborted; {@link ContendedError} when other transactions hold the items until the deadline.
 */
export async function persist<T>(database: Database, operation: () => Promise<T>): Promise<T> {
  const { signal } = database;
  const reach = () =>
    retryFailures(operation, { kinds: ["unavailable"], deadlineMs: UNAVAILABLE_DEADLINE_MS, signal });
  try {
    return await retryFailures(reach, {
      kinds: ["throttled", "conflict"],
      baseMs: 25,
      capMs: 1_000,
      deadlineMs: CONTENTION_DEADLINE_MS,
      signal,
    });
  } catch (error) {
    // The SDK says only that it was aborted; the signal says why.
    signal?.throwIfAborted();
    if (classifyFailure(error) === "conflict") {
      throw new ContendedError(database.table, CONTENTION_DEADLINE_MS / 1000, error);
    }
    throw error;
  }
}
