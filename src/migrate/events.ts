import type { ErrorDocument } from "../errors.ts";
import type { HolderFacts, OrderFacts } from "../ledger/index.ts";
import type { ProgressView } from "./progress.ts";
import type { MigrationResult, StepOutcome } from "./result.ts";

/** What a run is of. */
export type RunCommand =
  | "plan"
  | "plan down"
  | "up"
  | "down"
  | "redo"
  | "join"
  | "retry-failed"
  | "plan reconcile"
  | "reconcile"
  | "plan baseline"
  | "baseline"
  | "repair";

/** Capacity units of the table and its indexes. */
export interface ConsumedUnits {
  readonly read: number;
  readonly write: number;
}

/** A step and the migration that it is of. */
export interface StepName {
  readonly migration: string;
  readonly step: string;
}

/** The first event of every run. */
export interface RunBegun {
  readonly type: "runBegun";
  readonly command: RunCommand;
  readonly model: string;
  readonly table: string;
}

/** The run holds the table's lock and has chosen what it will do; a redo says so twice, for the way down and the way up. */
export interface MigrationsChosen {
  readonly type: "migrationsChosen";
  readonly direction: "up" | "down";
  /** In the order in which they will run, each step `notRun`: the results as they stand before the first step. */
  readonly results: readonly MigrationResult[];
}

export interface MigrationBegun {
  readonly type: "migrationBegun";
  readonly migration: string;
  readonly direction: "up" | "down";
  /** The steps that are still to be taken, in order. */
  readonly steps: readonly { readonly id: string; readonly kind: string }[];
}

export interface MigrationFinished {
  readonly type: "migrationFinished";
  readonly migration: string;
  readonly direction: "up" | "down";
  readonly result: MigrationResult["result"];
  readonly seconds: number;
  readonly consumed: ConsumedUnits;
  /** Why it did not go through. */
  readonly error?: ErrorDocument;
}

export interface StepBegun extends StepName {
  readonly type: "stepBegun";
  readonly kind: string;
  readonly direction: "up" | "down";
}

export interface StepFinished extends StepName, Pick<StepOutcome, "kind" | "result" | "outcome" | "counts"> {
  readonly type: "stepFinished";
  readonly direction: "up" | "down";
  readonly seconds: number;
  readonly consumed: ConsumedUnits;
}

/** The table is gone over once more. */
export interface PassBegun extends StepName {
  readonly type: "passBegun";
  /** From 1. */
  readonly pass: number;
  readonly segments: number;
}

export interface PassFinished extends StepName {
  readonly type: "passFinished";
  readonly pass: number;
  readonly segments: number;
  readonly seconds: number;
  /** Items looked at; found to need the step; of these left as they are for a good reason, and set aside. */
  readonly scanned: number;
  readonly found: number;
  readonly left: number;
  readonly setAside: number;
  /** What was done, by whomever: other processes may have helped. */
  readonly counts: Readonly<Record<string, number>>;
}

/** How things stand, every {@link MigratorOptions.progressMs}, while a step is under way. */
export interface ProgressMade extends ProgressView {
  readonly type: "progress";
}

/** DynamoDB refuses requests for want of capacity, and the run slows down; told again when the reason changes. */
export interface Throttled {
  readonly type: "throttled";
  /** Such as "index GSI2, provisioned capacity". */
  readonly reason: string;
}

/** Somebody holds the run by an order. */
export interface Paused {
  readonly type: "paused";
  readonly by: OrderFacts;
}

export interface Resumed {
  readonly type: "resumed";
}

/** The rate that the run goes at, when it begins with one and whenever somebody orders another. */
export interface RateChanged {
  readonly type: "rateChanged";
  /** Units a second on the table; null: no limit. */
  readonly read: number | null;
  readonly write: number | null;
  /** The same with the indexes that have another one, in words. */
  readonly description: string;
  /** It is a share of the table's capacity, and follows it. */
  readonly isShare: boolean;
  /** Who ordered it; undefined at the beginning. */
  readonly by?: OrderFacts | undefined;
}

/** The run waits for something that goes on without it. */
export type Waiting =
  /** Another run holds the table's lock. */
  | { readonly type: "waiting"; readonly for: "lock"; readonly holder: HolderFacts }
  /** An index is made; `stage` is as in `migrate status`, such as "backfilling 40 %", "active" or "probed". */
  | ({
      readonly type: "waiting";
      readonly for: "index";
      readonly index: string;
      readonly stage: string;
      /** In words, with the reason. */
      readonly description: string;
    } & StepName);

/** Something to know of. */
export interface Warned extends Partial<StepName> {
  readonly type: "warning";
  readonly message: string;
}

/** What is said in passing, by scripts too. */
export interface Noted extends Partial<StepName> {
  readonly type: "note";
  readonly level: "info" | "debug";
  readonly message: string;
}

/** A step could not deal with an item and set it aside (`maxFailures`). */
export interface ItemSetAside extends StepName {
  readonly type: "itemSetAside";
  /** The item's key in words: `USER#a / #METADATA#a`. */
  readonly key: string;
  readonly error: string;
}

/** The run ends early, where it can go on: by its signal, or by an order. */
export interface Stopping {
  readonly type: "stopping";
  readonly reason: string;
}

/** Whoever iterates was too slow: the oldest events that it had not taken were dropped. */
export interface EventsMissed {
  readonly type: "eventsMissed";
  readonly count: number;
}

/** The last event of every run. */
export interface RunFinished {
  readonly type: "runFinished";
  readonly command: RunCommand;
  /** Why it ended early, where it did. */
  readonly error?: ErrorDocument;
}

/** What happens in a run, as its code tells it. */
export type EventFacts =
  | RunBegun
  | MigrationsChosen
  | MigrationBegun
  | MigrationFinished
  | StepBegun
  | StepFinished
  | PassBegun
  | PassFinished
  | ProgressMade
  | Throttled
  | Paused
  | Resumed
  | RateChanged
  | Waiting
  | Warned
  | Noted
  | ItemSetAside
  | Stopping
  | EventsMissed
  | RunFinished;

/** What happens in a run. Plain data: it survives JSON. */
export type MigrationEvent = EventFacts & {
  /** Seconds since the run began, by its clock. */
  readonly at: number;
};

/** Hears what happens in a run. */
export type Tell = (event: EventFacts) => void;
