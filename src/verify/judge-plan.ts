import type { AnyAccessPattern } from "../query/access-pattern.ts";
import type { SentCommand } from "./probe.ts";
import { fail, PASS, type Verdict } from "./verdict.ts";

const place = (index: string | undefined) => (index === undefined ? "the base table" : `index ${index}`);

/** Judges what a pattern sent: only operations it declares, and only the index it declares. */
export function judgePlan(pattern: AnyAccessPattern, commands: readonly SentCommand[]): Verdict {
  if (commands.length === 0) return fail("it answered without asking DynamoDB");
  const undeclared = commands.find(({ operation }) => !pattern.operations.includes(operation));
  if (undeclared) {
    return fail(`it sent ${undeclared.operation}, but declares ${pattern.operations.join(", ")}`);
  }
  const elsewhere = commands.find(({ index }) => index !== undefined && index !== pattern.index);
  if (elsewhere) return fail(`it read ${place(elsewhere.index)}, but declares ${place(pattern.index)}`);
  if (pattern.index !== undefined && !commands.some(({ index }) => index === pattern.index)) {
    return fail(`it read ${place(undefined)} only, but declares ${place(pattern.index)}`);
  }
  return PASS;
}
