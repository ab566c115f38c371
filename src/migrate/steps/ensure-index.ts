import type { EnsureIndexStep } from "../definition/ensure-index.ts";
import { IndexPreflightError } from "../errors.ts";
import type { ForeseenTable } from "../plan/foreseen-table.ts";
import { buildIndex, dropIndexNow, indexShows, NOTE_CREATING } from "./build-index.ts";
import { foreseeIndex, preflightIndex } from "./index-preflight.ts";
import { judgeIndex } from "./index-request.ts";
import { isThere } from "./index-stage.ts";
import type { FoundPlan, PlanContext, StepContext, StepResult } from "./step-context.ts";
import type { StepKind, StepPast } from "./step-kind.ts";

/** Makes the index, or adopts it, and returns when it answers a Query. */
async function runEnsureIndex(step: EnsureIndexStep, context: StepContext): Promise<StepResult> {
  const ours = await buildIndex(step, context, async (description) => {
    const { warnings, forecast } = await preflightIndex(step, context, description);
    if (step.strict && warnings.length > 0) throw new IndexPreflightError(step.index, warnings);
    for (const { message } of warnings) context.log.warn(message);
    return forecast.entries;
  });
  return { outcome: ours ? "created" : "adopted", counts: {} };
}

/** What a run would do. */
function planEnsureIndex(step: EnsureIndexStep, context: PlanContext, table: ForeseenTable): FoundPlan {
  if (judgeIndex(table.description, step) === "equal") {
    return { action: `adopt the index ${step.index} as it is`, changes: 0, counts: {} };
  }
  const { forecast, lookedAt, warnings, work } = foreseeIndex(step, context, table);
  table.addIndex(step);
  const { entries, bytes, writeUnits } = forecast;
  const about = table.isExact ? "" : "about ";
  const action =
    `create the index ${step.index}: ${about}${entries} entries, ${bytes} bytes, ${writeUnits} write units ` +
    `(${table.whole ? "" : "a sample of "}${lookedAt} items looked at)`;
  const found = { action, changes: 1, counts: { ...forecast, lookedAt }, warnings, work };
  return step.strict && warnings.length > 0
    ? { ...found, problems: warnings.map(({ message }) => `strict: ${message}`) }
    : found;
}

/** Why the index must stay, or undefined where this migration made it and owns it, or made none. */
function refuseToDropIndex(
  step: EnsureIndexStep,
  { outcome, notes, indexOwner }: StepPast,
): string | undefined {
  const asked = notes[NOTE_CREATING] !== undefined;
  if (outcome === undefined && !asked) return undefined;
  if (indexOwner === "pulumi") {
    return `the index ${step.index} belongs to the Pulumi program (indexOwner: pulumi): take it out there`;
  }
  if (outcome === "created" || asked) return undefined;
  return `the index ${step.index} was there before the migration, which only adopted it: it is not dropped`;
}

/** Drops the index where this migration asked for it, and returns when it is gone. */
async function undoEnsureIndex(step: EnsureIndexStep, context: StepContext): Promise<StepResult> {
  if (context.notes[NOTE_CREATING] === undefined) return { outcome: "nothing to drop", counts: {} };
  if (!(await indexShows(step, context))) return { outcome: "already gone", counts: {} };
  await dropIndexNow(step, context);
  return { outcome: "dropped", counts: {} };
}

function planDropAgain(step: EnsureIndexStep, table: ForeseenTable, { notes }: StepPast): FoundPlan {
  const { index } = step;
  const nothing = { changes: 0, counts: {} };
  if (notes[NOTE_CREATING] === undefined) return { action: `nothing: it made no index ${index}`, ...nothing };
  if (!isThere(table.description, index))
    return { action: `nothing: the index ${index} is gone`, ...nothing };
  table.dropIndex(index);
  return { action: `drop the index ${index}`, changes: 1, counts: {} };
}

/** Makes a global secondary index, or adopts it. */
export const ensureIndexKind: StepKind<EnsureIndexStep> = {
  run: runEnsureIndex,
  plan: async (step, context, table) => planEnsureIndex(step, context, table),
  undo: undoEnsureIndex,
  planUndo: async (step, _context, table, past) => planDropAgain(step, table, past),
  refuseToUndo: refuseToDropIndex,
};
