import type { MigrationStep } from "../definition.ts";
import { planBackfill, runBackfill, undoBackfill } from "./backfill.ts";
import { planCounter, runCounter, undoCounter } from "./counter.ts";
import { planEnsureIndex, refuseToDropIndex, runEnsureIndex, undoEnsureIndex } from "./ensure-index.ts";
import type { StepContext, StepPlan, StepResult } from "./step-context.ts";

/** Carries a step out. Running it again finds everything done. */
export function runStep(step: MigrationStep, context: StepContext): Promise<StepResult> {
  switch (step.kind) {
    case "ensureIndex":
      return runEnsureIndex(step, context);
    case "backfill":
      return runBackfill(step, context);
    case "counter":
      return runCounter(step, context);
  }
}

/** Finds out by reading what {@link runStep} would do. */
export function planStep(step: MigrationStep, context: StepContext): Promise<StepPlan> {
  switch (step.kind) {
    case "ensureIndex":
      return planEnsureIndex(step, context);
    case "backfill":
      return planBackfill(step, context);
    case "counter":
      return planCounter(step, context);
  }
}

/** Undoes a step. */
export function undoStep(step: MigrationStep, context: StepContext): Promise<StepResult> {
  switch (step.kind) {
    case "ensureIndex":
      return undoEnsureIndex(step, context);
    case "backfill":
      return undoBackfill(step, context);
    case "counter":
      return undoCounter(step, context);
  }
}

/** What the ledger knows of a step, as far as undoing it depends on that. */
export interface StepPast {
  readonly outcome: string | undefined;
  readonly notes: StepContext["notes"];
  readonly indexOwner: StepContext["indexOwner"];
}

/** Why a step cannot be undone, in words; undefined where it can. */
export function refuseToUndo(step: MigrationStep, past: StepPast): string | undefined {
  switch (step.kind) {
    case "ensureIndex":
      return refuseToDropIndex(step, past.outcome, past.notes, past.indexOwner);
    case "backfill":
      return step.undo === "refuse"
        ? `it set ${step.writes.flatMap((write) => write.attributes).join(", ")}, and its file does not say that they may be removed`
        : undefined;
    case "counter":
      return undefined;
  }
}
