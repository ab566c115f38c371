import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";

/** What a stream's records carry of an item that changed. */
export const STREAM_VIEWS = ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"] as const;
export type StreamView = (typeof STREAM_VIEWS)[number];

/** Turns the table's stream on, or adopts it where it is on. */
export interface EnsureStreamStep {
  readonly kind: "ensureStream";
  readonly id: string;
  readonly view: StreamView;
  readonly writes: readonly DeclaredWrites[];
}

/**
 * A step that makes sure of the table's stream: off, it is turned on; on with this view, it is adopted; on
 * with another, the migration fails. Declare it in the Pulumi program too, or the next `pulumi up` turns it off.
 */
export function ensureStream(view: StreamView): EnsureStreamStep {
  return { kind: "ensureStream", id: "ensure-stream", view, writes: [] };
}
