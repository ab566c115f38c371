import { ExitCode, TablewrightError } from "../errors.ts";

/** A pattern refused its input because of what the table holds; each refusal is a subclass with its own code. */
export abstract class QueryRefusal extends TablewrightError {
  readonly exitCode = ExitCode.no;
}
