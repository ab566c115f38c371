import { classifyFailure, type FailureKind } from "../../dynamo/classify.ts";

/** Why a load ended before every item was written. */
export type Stop =
  /** Ctrl-C or SIGTERM; `error` is the signal's reason. */
  | { readonly kind: "interrupted"; readonly error: unknown }
  /** Nothing could be written for the whole retry deadline; `error` is the last failure, where there was one. */
  | { readonly kind: "exhausted"; readonly error: unknown; readonly deadlineMs: number }
  /** More items were rejected than may be. */
  | { readonly kind: "rejects"; readonly error?: undefined; readonly maxRejects: number }
  /** A failure that waiting does not cure: credentials, access, no table. */
  | { readonly kind: "failed"; readonly error: unknown };

/** A request was still waiting for its turn when the load was stopped: it was never sent. */
export class NotSentError extends Error {
  constructor() {
    super("not sent: the load was stopped");
    this.name = "NotSentError";
  }
}

/** What to do about a failed request. */
export type Remedy =
  /** It was not carried out: send it again. */
  | "again"
  /** It may have been carried out: send it again, as a put does no harm twice. */
  | "againUncertain"
  /** One of its items is refused: find out which. */
  | "divide"
  /** It was refused, and the next request would be as well. */
  | "stop"
  /** Nobody knows what happened: an answer that makes no sense may come after the write. */
  | "stopUncertain";

const REMEDIES: Partial<Record<FailureKind, Remedy>> = {
  throttled: "again",
  conflict: "again",
  unavailable: "againUncertain",
  invalid: "divide",
  credentials: "stop",
  accessDenied: "stop",
  tableNotFound: "stop",
};

/** Says what to do about a failed request. */
export function remedyFor(error: unknown): Remedy {
  if (error instanceof NotSentError) return "again";
  return REMEDIES[classifyFailure(error)] ?? "stopUncertain";
}
