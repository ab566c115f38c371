import { isDeepStrictEqual } from "node:util";
import { type AnyAccessPattern, type PatternRequest, placeOf } from "../query/access-pattern.ts";
import type { SentRequests } from "./cost/measure.ts";
import type { ReadInput } from "./cost/read-units.ts";
import { maskedRequest } from "./masked.ts";
import type { SentCommand } from "./probe.ts";
import { fail, PASS, type Verdict } from "./verdict.ts";

/** A request's input without what has no value, and without what tells one attempt from another. */
function comparable(input: object): object {
  const {
    ClientRequestToken: _token,
    ReturnConsumedCapacity: _wanted,
    ...rest
  } = input as Record<string, unknown>;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
}

/** Judges the first request against what `params` says of it. */
function judgeFirst({ operation, input }: PatternRequest, planned: PatternRequest): Verdict {
  if (operation !== planned.operation)
    return fail(`its first request is a ${operation}, but its params say ${planned.operation}`);
  const [sent, meant] = [comparable(input), comparable(planned.input)];
  if (isDeepStrictEqual(sent, meant)) return PASS;
  const say = (params: unknown, really: unknown) => [
    `its first ${operation} is not what its params say`,
    `params: ${JSON.stringify(params)}`,
    `sent:   ${JSON.stringify(really)}`,
  ];
  return { ...fail(...say(meant, sent)), masked: say(maskedRequest(meant), maskedRequest(sent)) };
}

/** How much of what it read a filter threw away. */
function thrownAway({ scanned = 0, items = 0 }: SentCommand): string[] {
  if (scanned === 0) return [];
  const percent = Math.round((100 * (scanned - items)) / scanned);
  return [`it threw away ${scanned - items} of ${scanned} items that it read, ${percent} %`];
}

/** Reads that DynamoDB refuses, or that cost what nobody sees, unless the pattern names them. */
function judgeReading({ allows = [] }: AnyAccessPattern, command: SentCommand): Verdict {
  const { operation, index, input } = command;
  const { ConsistentRead, FilterExpression, QueryFilter, ScanFilter } = input as ReadInput;
  const filter = FilterExpression ?? QueryFilter ?? ScanFilter;
  if (ConsistentRead && index !== undefined)
    return fail(`it reads index ${index} consistently, which DynamoDB refuses (API_Query, ConsistentRead)`);
  if (operation === "Scan" && !allows.includes("scan"))
    return fail('it scans, which reads all there is: if that is meant, say allows: ["scan"]');
  if (filter !== undefined && !allows.includes("filter"))
    return fail(
      'it filters, which pays for what it throws away: if that is meant, say allows: ["filter"]',
      typeof filter === "string" ? filter : Object.keys(filter).join(", "),
      ...thrownAway(command),
    );
  return PASS;
}

/**
 * Judges what a pattern sent: first what its `params` say, then only operations and the index that it declares, and
 * no read that it does not name.
 */
export function judgePlan(
  pattern: AnyAccessPattern,
  { commands, first }: SentRequests,
  planned: PatternRequest,
): Verdict {
  if (!first || commands.length === 0) return fail("it answered without asking DynamoDB");
  const undeclared = commands.find(({ operation }) => !pattern.operations.includes(operation));
  if (undeclared) {
    return fail(`it sent ${undeclared.operation}, but declares ${pattern.operations.join(", ")}`);
  }
  const elsewhere = commands.find(({ index }) => index !== undefined && index !== pattern.index);
  if (elsewhere) return fail(`it read ${placeOf(elsewhere.index)}, but declares ${placeOf(pattern.index)}`);
  if (pattern.index !== undefined && !commands.some(({ index }) => index === pattern.index)) {
    return fail(`it read ${placeOf(undefined)} only, but declares ${placeOf(pattern.index)}`);
  }
  for (const command of commands) {
    const verdict = judgeReading(pattern, command);
    if (verdict.status !== "pass") return verdict;
  }
  return judgeFirst(first, planned);
}
