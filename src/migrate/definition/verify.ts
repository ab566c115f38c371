import type { DeclaredWrites, ItemPattern } from "../../dynamo/item-pattern.ts";
import type { PlainItem } from "./values.ts";

/** Checks that items are as they should be, and fails the migration where they are not. Writes nothing. */
export interface VerifyStep {
  readonly kind: "verify";
  readonly id: string;
  /** The items that are looked at. */
  readonly where: ItemPattern;
  /** Look at them in this index, by eventually consistent reads. Default: the table, by consistent ones. */
  readonly index?: string;
  /** What is wrong with an item, in words; undefined where it is as it should be. */
  readonly expect?: (item: PlainItem) => string | undefined;
  /** How many items there must be, both ends included. */
  readonly count?: { readonly min?: number; readonly max?: number };
  /** The share of the table that is looked at, above 0 and up to 1. Default 1: all of it. Not with `count`. */
  readonly sample?: number;
  readonly writes: readonly DeclaredWrites[];
}

/** A step that looks at items and fails where they are not as they should be. */
export function verify(verify: Omit<VerifyStep, "kind" | "writes">): VerifyStep {
  return { kind: "verify", ...verify, writes: [] };
}
