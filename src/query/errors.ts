import { ExitCode, TablewrightError } from "../errors.ts";

/** A pattern refused its input because of what the table holds; each refusal is a subclass with its own code. */
export abstract class QueryRefusal extends TablewrightError {
  readonly exitCode = ExitCode.no;
}

/** An item of the table is not what its entity says. */
export class MalformedItemError extends TablewrightError {
  readonly code = "malformed-item";
  readonly exitCode = ExitCode.no;

  /**
   * @param entity the entity that was read, such as "User"
   * @param key the item's key attributes, to find it by
   * @param problems one line for each attribute that does not fit
   */
  constructor(entity: string, key: Readonly<Record<string, unknown>>, problems: readonly string[]) {
    super({
      message: `the item ${JSON.stringify(key)} is not a ${entity}: ${problems.join("; ")}`,
      next: "Correct the item in the table, or the entity's schema where the item is right.",
      facts: { entity, key, problems },
    });
  }
}

/** Other transactions held an item of this request for the whole of its time. */
export class ContendedError extends TablewrightError {
  readonly code = "contended";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, seconds: number, cause: unknown) {
    super({
      message: `other transactions on the same items of ${table} got in the way for ${seconds} s; nothing was written`,
      next: "Run it again when fewer writers are at work on the same items.",
      facts: { table, seconds },
      cause,
    });
  }
}

/** DynamoDB kept leaving keys of a batch unread. */
export class UnreadKeysError extends TablewrightError {
  readonly code = "unread-keys";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, unread: number, seconds: number) {
    super({
      message: `${unread} items of ${table} could not be read: DynamoDB returned their keys unprocessed for ${seconds} s`,
      next: "Wait or raise the table's read capacity, then run it again.",
      facts: { table, unread, seconds },
    });
  }
}

/** What is wrong with a cursor. */
export type CursorProblem =
  | "is damaged"
  | "is of another pattern"
  | "is of another table"
  | "is of another input";

/** A cursor was not made by the query that it is given to. */
export class InvalidCursorError extends TablewrightError {
  readonly code = "invalid-cursor";
  readonly exitCode = ExitCode.usage;

  constructor(pattern: string, problem: CursorProblem) {
    super({
      message: `the cursor given to ${pattern} ${problem}`,
      next: "Give the cursor exactly as the last page printed it, with the same input; or start again without one.",
      facts: { pattern, problem },
    });
  }
}
