import type { ScanRecord } from "../../ledger/index.ts";
import type { MigrationStep } from "../definition/migration.ts";
import type { ForeseenTable } from "../plan/foreseen-table.ts";
import type { ScanWork } from "../scan/scan-work.ts";
import type { FoundPlan, LookContext, PlanContext, StepContext, StepResult } from "./step-context.ts";

/** What the ledger knows of a step, as far as undoing it depends on that. */
export interface StepPast {
  readonly outcome: string | undefined;
  readonly notes: StepContext["notes"];
  readonly indexOwner: StepContext["indexOwner"];
}

/** How one kind of step is planned, carried out and undone. */
export interface StepKind<Step extends MigrationStep> {
  /** Carries the step out. Running it again finds everything done. */
  run(step: Step, context: StepContext): Promise<StepResult>;
  /**
   * Looks, by reading, for what would make `run` fail before anything is written.
   * @param given the attributes that steps before it will give: its functions cannot be tried on items
   * without them
   * @returns what is wrong, in words
   */
  preflight?(step: Step, context: PlanContext, given: ReadonlySet<string>): Promise<string[]>;
  /** What the step does with the items that it scans for; absent where it does not scan, that way. */
  scanWork?(step: Step, direction: ScanRecord["direction"], context: StepContext): ScanWork | undefined;
  /**
   * Finds out by reading what `run` would do.
   * @param table as the steps before it would leave it; it is changed as this step would change it
   */
  plan(step: Step, context: LookContext, table: ForeseenTable): Promise<FoundPlan>;
  /**
   * Counts by a scan of the whole table what `run` would change now, in memory that does not grow; absent where
   * `plan` knows it without items.
   */
  countOpen?(step: Step, context: PlanContext): Promise<number>;
  undo(step: Step, context: StepContext): Promise<StepResult>;
  /** Finds out by reading what `undo` would do. @param table as the undone steps before it would leave it */
  planUndo(step: Step, context: LookContext, table: ForeseenTable, past: StepPast): Promise<FoundPlan>;
  /** Why the step cannot be undone, in words; undefined where it can. */
  refuseToUndo(step: Step, past: StepPast): string | undefined;
}
