import type { Clock } from "../../dynamo/clock.ts";
import type { Sender } from "../../dynamo/describe.ts";
import { type ItemView, OPEN_VIEW } from "../../dynamo/item-view.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { Fence, Ledger, ScanName } from "../../ledger/index.ts";
import type { Log } from "../../log.ts";
import type { IndexOwner } from "../../project/stack-settings.ts";
import type { StepForecast } from "../plan/forecast.ts";
import type { ItemExample } from "../plan/item-example.ts";
import type { StepWork } from "../plan/step-work.ts";
import type { Progress } from "../progress.ts";
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
  /** How long it waits for a change of the table that goes on by itself, in milliseconds. */
  readonly waitMs: number;
  /** Do not wait for what was asked for and goes on by itself. */
  readonly detach: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** How items are shown in what is said of them. */
  readonly show: ItemView;
  /** Where the step says how far it is, for whoever shows it. */
  readonly progress: Progress;
  /** Aborted when the step must stop at once, whatever is under way. */
  readonly signal?: AbortSignal | undefined;
}

/** What a plan of a step is made with. */
export interface LookContext extends PlanContext {
  /** The id of the step's migration. */
  readonly migration: string;
  /** Where a run would keep its records. */
  readonly ledger: Ledger;
}

/** What a step works on in a run. */
export interface StepContext extends PlanContext {
  /** Aborted when the run is asked to stop, and with {@link signal}: for work that can be left anywhere. */
  readonly stopping?: AbortSignal | undefined;
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

/** Something to know of before a step runs, as data and in words. */
export interface StepWarning {
  /** A stable name in kebab case. */
  readonly code: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What a kind of step finds out about what it would do. */
export interface FoundPlan {
  /** In words. */
  readonly action: string;
  readonly warnings?: readonly StepWarning[];
  /** The step is code: nothing can be said beforehand, and `changes` counts none of what it may do. */
  readonly unplanned?: true;
  /** Why it cannot be known, in words; `changes` then counts nothing. */
  readonly unknown?: string;
  /** What would make the step fail, in words; it can then not be said what it would do. */
  readonly problems?: readonly string[];
  /** How many things it would change; 0: it finds everything done. */
  readonly changes: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Some of the items that it would change. */
  readonly examples?: readonly ItemExample[];
  /** What it would do to the items that were read. */
  readonly work?: StepWork;
}

/** What a step would do, found out by reading alone. */
export interface StepPlan extends Omit<FoundPlan, "work"> {
  /** What it takes on the whole table. */
  readonly forecast?: StepForecast;
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

/** A key in words: `USER#a / #METADATA#a`. For records; what people are shown goes by the context's view. */
export const showKey = (key: StoredItem): string => OPEN_VIEW.key(key);
