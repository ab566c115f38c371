import type { Direction } from "./direction.ts";

/**
 * Why a request was throttled. DynamoDB says it as ResourceType + OperationType + LimitType, with the ARN of
 * the resource (API_ThrottlingReason).
 */
export interface Throttle {
  readonly limit:
    | "provisioned"
    | "maxOnDemand"
    /** One partition of the table or index: a hot key. */
    | "keyRange"
    /** The account's quota, for this table or for all. */
    | "account"
    /** DynamoDB gave no reason. */
    | "unknown";
  /** The index whose capacity was short; undefined: the table's, or not known. */
  readonly index?: string | undefined;
  readonly direction: Direction;
}

interface RawReason {
  readonly reason?: string | undefined;
  readonly resource?: string | undefined;
}

interface ThrottlingErrorShape {
  readonly name?: string;
  readonly ThrottlingReasons?: readonly RawReason[];
  /** ThrottlingException spells it so. */
  readonly throttlingReasons?: readonly RawReason[];
  readonly CancellationReasons?: readonly { readonly Code?: string }[];
}

const REASON =
  /^(Table|Index)(Read|Write)(ProvisionedThroughput|AccountLimit|KeyRangeThroughput|MaxOnDemandThroughput)Exceeded$/;
const LIMITS = {
  ProvisionedThroughput: "provisioned",
  AccountLimit: "account",
  KeyRangeThroughput: "keyRange",
  MaxOnDemandThroughput: "maxOnDemand",
} as const;

const THROTTLING_ERRORS = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "ThrottlingError",
  "RequestLimitExceeded",
]);
const THROTTLING_CODES = new Set(["ProvisionedThroughputExceeded", "ThrottlingError"]);

function parseReason({ reason, resource }: RawReason, direction: Direction): Throttle {
  const match = REASON.exec(reason ?? "");
  if (!match) return { limit: "unknown", direction };
  const [, kind, operation, limit] = match;
  return {
    limit: LIMITS[limit as keyof typeof LIMITS],
    direction: operation === "Read" ? "read" : "write",
    // A reason that names no index slows all of the table's writers: the safe side.
    index: kind === "Index" ? /\/index\/([^/]+)$/.exec(resource ?? "")?.[1] : undefined,
  };
}

function isThrottled({ name = "", CancellationReasons = [] }: ThrottlingErrorShape): boolean {
  if (name === "TransactionCanceledException") {
    return CancellationReasons.some(({ Code = "" }) => THROTTLING_CODES.has(Code));
  }
  return THROTTLING_ERRORS.has(name);
}

/**
 * Why an error of the SDK throttled a request; empty where it is no throttle.
 * @param direction of the request, for a throttle without a reason
 */
export function throttlesOf(error: unknown, direction: Direction): Throttle[] {
  if (!(error instanceof Error)) return [];
  const shape = error as Error & ThrottlingErrorShape;
  if (!isThrottled(shape)) return [];
  const reasons = shape.ThrottlingReasons ?? shape.throttlingReasons ?? [];
  if (reasons.length > 0) return reasons.map((reason) => parseReason(reason, direction));
  return [{ limit: shape.name === "RequestLimitExceeded" ? "account" : "unknown", direction }];
}

const LIMIT_TEXT: Record<Throttle["limit"], string> = {
  provisioned: "provisioned capacity",
  maxOnDemand: "on-demand maximum",
  keyRange: "hot key",
  account: "account limit",
  unknown: "no reason given",
};

/** A throttle in a few words: `index GSI2, provisioned capacity`. */
export function describeThrottle({ limit, index, direction }: Throttle): string {
  const place = index === undefined ? `${direction}s` : `index ${index}`;
  return `${place}, ${LIMIT_TEXT[limit]}`;
}
