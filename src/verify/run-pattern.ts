import { setTimeout as delay } from "node:timers/promises";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { classifyFailure } from "../dynamo/classify.ts";
import { ExitCode, TablewrightError } from "../errors.ts";
import type { AnyAccessPattern } from "../query/access-pattern.ts";
import { openDatabase } from "../query/database.ts";
import { QueryRefusal } from "../query/errors.ts";
import { checkInput } from "../query/parse-input.ts";

/** What came of running a pattern once. */
export type Outcome =
  | {
      readonly kind: "answer";
      readonly result: unknown;
      /** The input as the pattern was given it, defaults filled in. */
      readonly asked: Record<string, unknown>;
    }
  /** The pattern refused the input, with an error of its own. */
  | { readonly kind: "refusal"; readonly code: string; readonly message: string }
  /** Any other error: the pattern is wrong, or the table is not what it expects. */
  | { readonly kind: "error"; readonly message: string }
  /** Throttled, timed out, unreachable, not allowed: nobody knows the answer. */
  | { readonly kind: "unknown"; readonly message: string };

/** Where and how long a pattern runs. */
export interface RunOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** A run that takes longer is given up as unknown. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const UNKNOWN_KINDS: ReadonlySet<string> = new Set([
  "throttled",
  "conflict",
  "unavailable",
  "credentials",
  "accessDenied",
]);

/** A thrown value in one line. */
export const describeFailure = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** Whether an error, or one underneath it, says that the request could not be carried out at all. */
export function isUnknown(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (UNKNOWN_KINDS.has(classifyFailure(current))) return true;
    if (current instanceof TablewrightError && current.exitCode === ExitCode.couldNotRun) return true;
  }
  return false;
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof QueryRefusal) return { kind: "refusal", code: error.code, message: error.message };
  return { kind: isUnknown(error) ? "unknown" : "error", message: describeFailure(error) };
}

const TIMED_OUT = Symbol("timed out");

/**
 * Runs a pattern once, as the command line does: the input is validated first.
 * @throws the signal's reason when it is aborted; whatever else happens is an outcome.
 */
export async function runPattern(
  pattern: AnyAccessPattern,
  input: object,
  options: RunOptions,
): Promise<Outcome> {
  options.signal?.throwIfAborted();
  const checked = checkInput(pattern, { ...input });
  if (checked.input === undefined) return { kind: "error", message: checked.mistakes.join("; ") };

  const over = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  const database = openDatabase(options.client, options.table, signal);
  // A pattern need not heed its signal, so the run is raced against the clock and the signal as well.
  const clock = delay(options.timeoutMs, TIMED_OUT, { signal });
  clock.catch(() => {});
  try {
    const result = await Promise.race([pattern.run(database, checked.input), clock]);
    if (result === TIMED_OUT) return { kind: "unknown", message: `no answer in ${options.timeoutMs} ms` };
    return { kind: "answer", result, asked: checked.input };
  } catch (error) {
    options.signal?.throwIfAborted();
    return outcomeOf(error);
  } finally {
    over.abort();
  }
}
