import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";

/** Turns Time to Live on, or adopts it where it is on. */
export interface EnsureTtlStep {
  readonly kind: "ensureTtl";
  readonly id: string;
  /** The attribute that holds the time of expiry, in seconds since 1970. */
  readonly attribute: string;
  readonly writes: readonly DeclaredWrites[];
}

/**
 * A step that makes sure that Time to Live is on: off, it is turned on; on by this attribute, it is adopted;
 * on by another, the migration fails. Declare it in the Pulumi program too, or the next `pulumi up` turns it off.
 */
export function ensureTtl(attribute: string): EnsureTtlStep {
  return { kind: "ensureTtl", id: "ensure-ttl", attribute, writes: [] };
}
