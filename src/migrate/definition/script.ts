import type { Sender } from "../../dynamo/describe.ts";
import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";
import type { Log } from "../../log.ts";

/** What a script works with. */
export interface ScriptContext {
  /** Takes commands of `@aws-sdk/client-dynamodb`. Sends nothing more once the run is stopped or has lost the lock. */
  readonly client: Sender;
  /** The physical table. */
  readonly table: string;
  /** Aborted when the run is stopped or has lost the lock. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** What an earlier run of this step noted down. */
  readonly notes: Readonly<Record<string, string>>;
  /** Notes a fact down in the ledger: for the run that goes on after a crash. */
  remember(name: string, value: string): Promise<void>;
  /** Takes a note back. */
  forget(name: string): Promise<void>;
}

/** What a script counted, by name; for the report and the history. */
export type ScriptCounts = Readonly<Record<string, number>>;

type ScriptFunction = (context: ScriptContext) => Promise<ScriptCounts | undefined> | Promise<void>;

/** Code of the migration's own, for what no other step can do. */
export interface ScriptStep {
  readonly kind: "script";
  readonly id: string;
  /** The author's word that running it again, also after a crash half way, comes to the same. */
  readonly idempotent: true;
  readonly run: ScriptFunction;
  /** Undoes it, also where it was run in part. Default: `migrate down` refuses. */
  readonly undo?: ScriptFunction;
  readonly writes: readonly DeclaredWrites[];
}

/**
 * The escape hatch: a step that is code. It cannot be planned, and nothing but its author sees to it that it
 * loses no live write; whatever another kind of step can do, let that do it.
 * @param script `writes` declares the attributes that it writes and on which items: proofs leave them out and
 * loads refuse to put over them. Default: none
 */
export function script(
  script: Omit<ScriptStep, "kind" | "writes"> & Partial<Pick<ScriptStep, "writes">>,
): ScriptStep {
  return { kind: "script", writes: [], ...script };
}
