import { type AnyAccessPattern, type PatternRequest, placeOf } from "../query/access-pattern.ts";
import { type CostLock, costText } from "../verify/cost/lock-file.ts";

/** The first request of a pattern, and how it is paid for. */
export interface Explanation {
  readonly request: PatternRequest;
  /** What is charged, by DynamoDB's rules. */
  readonly charged: string;
  /** What `verify` measured for the input with the most rows; absent where there is no lock, or the pattern is not in it. */
  readonly estimate?: CostLock["patterns"][string];
}

/** How each operation is charged (CapacityUnitCalculations; read-write-capacity-mode). */
const CHARGES: Readonly<Record<string, string>> = {
  GetItem: "0.5 read units for each 4 KB of the item, at least 0.5; twice that where the read is consistent",
  BatchGetItem:
    "0.5 read units for each 4 KB of each item, at least 0.5 each; twice that where the read is consistent",
  Query:
    "0.5 read units for each 4 KB of all items of a page together; twice that where the read is consistent",
  Scan: "0.5 read units for each 4 KB of all items that it goes over; twice that where the read is consistent",
  PutItem: "1 write unit for each KB of the item, and the same again for each index that it is in",
  UpdateItem:
    "1 write unit for each KB of the larger of the item before and after, and what changes in each index",
  DeleteItem: "1 write unit for each KB of the item, and the same again for each index that it is in",
  TransactWriteItems:
    "2 write units for each KB of each item, conditions included, and 1 for each KB in each index",
};

/**
 * Explains what a pattern would send for an input, and what that is likely to take; pure.
 * @param lock what the patterns were measured to take
 */
export function explainPattern(
  pattern: AnyAccessPattern,
  input: Record<string, unknown>,
  table: string,
  lock: CostLock | undefined,
): Explanation {
  const request = pattern.params(input, table);
  const estimate = lock?.patterns[pattern.id];
  return { request, charged: CHARGES[request.operation] ?? "not known", ...(estimate && { estimate }) };
}

/** An explanation as text: the request as JSON, as it would be sent. */
export function explainText(
  { id, index, operations, budget }: AnyAccessPattern,
  { request, charged, estimate }: Explanation,
): string {
  const { operation, input } = request;
  const others = operations.filter((name) => name !== operation);
  return [
    `${id}: ${operation} on ${placeOf(index)}; nothing was sent`,
    JSON.stringify(input, null, 2),
    `charged: ${charged}`,
    ...(estimate
      ? [`estimated: ${costText(estimate)} at most, as verify measured (patterns.lock.json)`]
      : []),
    ...(budget ? [`budget: ${costText(budget)}`] : []),
    ...(others.length > 0 ? [`then, by what it answers: ${others.join(", ")}`] : []),
  ].join("\n");
}
