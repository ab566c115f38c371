import type { Tampering } from "../wire/wire.ts";
import type { MutationKind } from "./kinds.ts";

/** A mistake of a certain kind, and how it is made. */
export interface Mutation {
  readonly kind: MutationKind;
  /** What is changed, without anything that stands in items: `timestamp`, `LastEvaluatedKey`. */
  readonly what: string;
  readonly tampering: Tampering;
}
