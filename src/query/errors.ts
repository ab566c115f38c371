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
