import type { Pacer } from "./pacer.ts";
import type { PacedRequest } from "./request.ts";
import type { Answer } from "./request-cost.ts";
import { throttlesOf } from "./throttle.ts";

/** What of a batch's answer says how much of it came back. */
interface BatchAnswer extends Answer {
  readonly UnprocessedItems?: Record<string, unknown>;
  readonly UnprocessedKeys?: Record<string, unknown>;
}

/** How many of a batch's writes or reads on one table came back. */
function leftOver(table: string, { UnprocessedItems = {}, UnprocessedKeys = {} }: BatchAnswer): number {
  const writes = UnprocessedItems[table] as readonly unknown[] | undefined;
  const reads = UnprocessedKeys[table] as { Keys?: readonly unknown[] } | undefined;
  return (writes?.length ?? 0) + (reads?.Keys?.length ?? 0);
}

/** One attempt of a request, and what tells its cost. */
export interface PacedAttempt<Result> {
  /** Undefined where it uses no capacity of the pacer's table. */
  readonly request: PacedRequest | undefined;
  /** Whether it begins new work: refused once the pacer is told to stop. */
  readonly begins: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called when its turn has come. */
  readonly onTurn?: (() => void) | undefined;
  send(): Promise<Result>;
  answerOf(result: Result): object;
}

/** Waits for a request's turn, sends it, and tells the pacer what it has cost or why it was throttled. */
export async function sendPaced<Result>(pacer: Pacer, attempt: PacedAttempt<Result>): Promise<Result> {
  const ticket = await pacer.enter(attempt.request, attempt.begins, attempt.signal);
  attempt.onTurn?.();
  if (!ticket) return attempt.send();
  try {
    const result = await attempt.send();
    const answer = attempt.answerOf(result) as BatchAnswer;
    pacer.answered(ticket, answer, leftOver(pacer.table, answer));
    return result;
  } catch (error) {
    const throttles = throttlesOf(error, ticket.request.direction);
    if (throttles.length > 0) pacer.throttled(ticket, throttles);
    else pacer.failed(ticket);
    throw error;
  }
}
