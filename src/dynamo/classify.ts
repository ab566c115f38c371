import {
  AccessDeniedError,
  CredentialsError,
  RegionMissingError,
  ServiceError,
  TableNotFoundError,
  ThrottledError,
  UnreachableError,
} from "./errors.ts";
import type { Target } from "./target.ts";

/** What kind of failure an error of the SDK is, and so what to do about it. */
export type FailureKind =
  /** Out of capacity: wait and send again. */
  | "throttled"
  /** Another transaction holds one of the items: wait and send again. */
  | "conflict"
  /** The service failed or the connection broke; the request may or may not have been carried out. */
  | "unavailable"
  /** A condition of the request does not hold. */
  | "conditionFailed"
  /** The credentials are missing, expired or wrong. */
  | "credentials"
  | "accessDenied"
  | "tableNotFound"
  /** The request itself is wrong. */
  | "invalid"
  | "unknown";

const THROTTLES = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "LimitExceededException",
  "ThrottlingError",
]);
const CREDENTIALS = new Set([
  "CredentialsProviderError",
  "UnrecognizedClientException",
  "ExpiredTokenException",
  "InvalidSignatureException",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "InvalidClientTokenId",
  "TokenProviderError",
]);
const NETWORK_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "EAI_AGAIN",
  "ETIMEDOUT",
]);
const UNAVAILABLE = new Set(["InternalServerError", "ServiceUnavailable", "TimeoutError", "InternalFailure"]);

interface SdkErrorShape {
  name?: string;
  code?: string;
  $metadata?: { httpStatusCode?: number };
  CancellationReasons?: { Code?: string }[];
}

/** A cancelled transaction is as retryable as the worst of its reasons. */
function classifyCancellation(reasons: readonly { Code?: string }[]): FailureKind {
  const codes = reasons.map((reason) => reason.Code ?? "None");
  if (codes.includes("ConditionalCheckFailed")) return "conditionFailed";
  if (codes.includes("ValidationError") || codes.includes("ItemCollectionSizeLimitExceeded"))
    return "invalid";
  if (codes.includes("TransactionConflict")) return "conflict";
  if (codes.includes("ProvisionedThroughputExceeded") || codes.includes("ThrottlingError"))
    return "throttled";
  return "unknown";
}

/** Says what kind of failure an error is. */
export function classifyFailure(error: unknown): FailureKind {
  if (!(error instanceof Error)) return "unknown";
  const shape = error as Error & SdkErrorShape;
  if (THROTTLES.has(shape.name)) return "throttled";
  if (shape.name === "TransactionConflictException" || shape.name === "TransactionInProgressException")
    return "conflict";
  if (shape.name === "TransactionCanceledException")
    return classifyCancellation(shape.CancellationReasons ?? []);
  if (shape.name === "ConditionalCheckFailedException") return "conditionFailed";
  if (CREDENTIALS.has(shape.name)) return "credentials";
  if (shape.name === "AccessDeniedException") return "accessDenied";
  if (shape.name === "ResourceNotFoundException") return "tableNotFound";
  if (shape.name === "ValidationException") return "invalid";
  if (UNAVAILABLE.has(shape.name) || NETWORK_CODES.has(shape.code ?? "")) return "unavailable";
  if ((shape.$metadata?.httpStatusCode ?? 0) >= 500) return "unavailable";
  return "unknown";
}

/**
 * Turns an error of the SDK into one that tells the user what to do; anything else comes back as it is.
 * @param table the physical table the request was about, when there is one
 */
export function explainFailure(error: unknown, target: Target, table?: string): unknown {
  if (!(error instanceof Error)) return error;
  switch (classifyFailure(error)) {
    case "throttled":
      return new ThrottledError(error);
    case "unavailable":
      return new UnreachableError(target.description, error);
    case "credentials":
      return new CredentialsError(error);
    case "accessDenied":
      return new AccessDeniedError(error);
    case "tableNotFound":
      return new TableNotFoundError(table ?? "of that name", target.description, error);
    default:
      if (/region is missing/i.test(error.message)) return new RegionMissingError(error);
      // Every service's exceptions carry it; which service's does not matter here.
      return "$fault" in error ? new ServiceError(target.description, error) : error;
  }
}
