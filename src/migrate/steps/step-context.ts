import type { Sender } from "../../dynamo/describe.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { Fence, ScanName } from "../../ledger/index.ts";
import type { Log } from "../../log.ts";
import type { IndexOwner } from "../../project/stack-settings.ts";
import type { ScanSettings } from "../scan/scan-work.ts";

/** What a step is planned on: what it may read. */
export interface PlanContext {
  readonly client: Sender;
  readonly table: string;
  /** The table's primary key attributes, partition key first. */
  readonly keyNames: readonly string[];
  readonly indexOwner: IndexOwner;
  /** Time between two looks at a table that changes, in milliseconds. */
  readonly pollMs: number;
  /** How long what was asked for need not show in the table's description, in milliseconds. */
  readonly graceMs: number;
  /** How long it goes on while throttles or conflicts let nothing through, in milliseconds. */
  readonly patienceMs: number;
  readonly log: Log;
  readonly signal?: AbortSignal | undefined;
}

/** What a step works on in a run. */
export interface StepContext extends PlanContext {
  /** Which step it is, and what its migration's file does, as a hash. */
  readonly identity: ScanName & { readonly hash: string };
  /** The right to write to the ledger. */
  readonly fence: Fence;
  /** The table's size in bytes, some hours old. */
  readonly tableBytes: number;
  readonly scanSettings: ScanSettings;
  /** What an earlier run of this step noted down. */
  readonly notes: Readonly<Record<string, string>>;
  /** Notes a fact down in the ledger before the step acts on it. */
  remember(name: string, value: string): Promise<void>;
  /** Takes a note back. */
  forget(name: string): Promise<void>;
}

/** What a step came to. */
export interface StepResult {
  /** A word, such as "created" or "filled". */
  readonly outcome: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** What a step would do, found out by reading alone. */
export interface StepPlan {
  /** In words. */
  readonly action: string;
  /** How many things it would change; 0: it finds everything done. */
  readonly changes: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** The first key attribute's name, for `attribute_exists`. */
export function partitionKeyName(context: Pick<PlanContext, "keyNames">): string {
  const [name] = context.keyNames;
  if (name === undefined) throw new TypeError("a table without a key");
  return name;
}

/** The primary key of an item. */
export function keyOf(item: StoredItem, context: Pick<PlanContext, "keyNames">): StoredItem {
  const key: StoredItem = {};
  for (const name of context.keyNames) {
    const value = item[name];
    if (value === undefined) throw new TypeError(`an item without its key attribute ${name}`);
    key[name] = value;
  }
  return key;
}

/** A key in words: `USER#a / #METADATA#a`. */
export function showKey(key: StoredItem): string {
  return Object.values(key)
    .map((value) => value.S ?? value.N ?? (value.B ? Buffer.from(value.B).toString("base64") : "?"))
    .join(" / ");
}

const REPORT_EVERY_MS = 3_000;

/** Makes a reporter that logs at most one line every three seconds. */
export function progressReporter(log: Log): (line: () => string) => void {
  let last = performance.now();
  return (line) => {
    if (performance.now() - last < REPORT_EVERY_MS) return;
    last = performance.now();
    log.info(line());
  };
}
