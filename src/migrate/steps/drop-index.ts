import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { describeTable, indexDesignOf } from "../../dynamo/describe.ts";
import { NotShownError, TableNotFoundError } from "../../dynamo/errors.ts";
import type { IndexDesign } from "../../dynamo/table-design.ts";
import { type Verdict, waitUntilTable } from "../../dynamo/waits.ts";
import type { DropIndexStep } from "../definition/drop-index.ts";
import { IndexOwnedError } from "../errors.ts";
import type { ForeseenTable } from "../plan/foreseen-table.ts";
import { buildIndex, dropIndexNow, NOTE_CREATING } from "./build-index.ts";
import { foreseeIndex } from "./index-preflight.ts";
import { entryOf, isThere } from "./index-stage.ts";
import type { FoundPlan, LookContext, PlanContext, StepContext, StepResult } from "./step-context.ts";
import type { StepKind, StepPast } from "./step-kind.ts";
import { waitOptions } from "./wait-in-step.ts";

/** The index's design, noted down before it is dropped: what `down` makes again. */
const NOTE_DESIGN = "design";

async function describe({ client, table, signal }: PlanContext): Promise<TableDescription> {
  const description = await describeTable(client, table, signal);
  if (!description) throw new TableNotFoundError(table, "the target");
  return description;
}

const notedDesign = (notes: StepContext["notes"]): IndexDesign | undefined =>
  notes[NOTE_DESIGN] === undefined ? undefined : JSON.parse(notes[NOTE_DESIGN]);

async function runDropIndex(step: DropIndexStep, context: StepContext): Promise<StepResult> {
  const { index } = step;
  const description = await describe(context);
  const noted = notedDesign(context.notes);
  const design = noted ?? indexDesignOf(description, index);
  if (!design) return { outcome: "absent", counts: {} };
  if (entryOf(description, index)) {
    if (context.indexOwner === "pulumi") throw new IndexOwnedError(context.table, index);
    if (!noted) await context.remember(NOTE_DESIGN, JSON.stringify(design));
  }
  await dropIndexNow({ index, design }, context);
  return { outcome: "dropped", counts: {} };
}

function planDropIndex({ index }: DropIndexStep, context: PlanContext, table: ForeseenTable): FoundPlan {
  if (!isThere(table.description, index)) {
    return { action: `nothing: there is no index ${index}`, changes: 0, counts: {} };
  }
  if (context.indexOwner === "pulumi") throw new IndexOwnedError(context.table, index);
  table.dropIndex(index);
  return { action: `drop the index ${index}`, changes: 1, counts: {} };
}

/**
 * Waits until an index whose deletion may have been asked for is going or gone. A run that was cut off does not
 * know whether its request arrives yet; where nothing shows of it in the time of grace, it was never sent.
 */
async function letDeletionShow(index: string, context: StepContext): Promise<void> {
  const { client, table } = context;
  const still = { what: `index ${index} of ${table}`, status: "there" };
  const judge = (description: TableDescription): Verdict =>
    isThere(description, index) ? { state: "unseen", ...still } : { state: "ready" };
  try {
    const options = waitOptions({ ...context, waitMs: Number.POSITIVE_INFINITY });
    await waitUntilTable(client, table, judge, options);
  } catch (error) {
    if (!(error instanceof NotShownError)) throw error;
  }
}

async function undoDropIndex({ index }: DropIndexStep, context: StepContext): Promise<StepResult> {
  const design = notedDesign(context.notes);
  if (!design) return { outcome: "nothing to make again", counts: {} };
  if (context.notes[NOTE_CREATING] === undefined) await letDeletionShow(index, context);
  const ours = await buildIndex({ index, design }, context);
  return { outcome: ours ? "made again" : "there already", counts: {} };
}

function planRecreate(
  { index }: DropIndexStep,
  context: LookContext,
  table: ForeseenTable,
  { notes }: StepPast,
): FoundPlan {
  const design = notedDesign(notes);
  const nothing = { changes: 0, counts: {} };
  if (!design) return { action: "nothing to make again", ...nothing };
  if (isThere(table.description, index)) return { action: `adopt the index ${index} as it is`, ...nothing };
  const step = { kind: "ensureIndex", id: index, index, design, writes: [] } as const;
  const { forecast, work } = foreseeIndex({ ...step, scan: "sample", strict: false }, context, table);
  table.addIndex(step);
  return { action: `make the index ${index} again`, changes: 1, counts: { ...forecast }, work };
}

function refuseToRecreate(
  { index, undo }: DropIndexStep,
  { notes, indexOwner }: StepPast,
): string | undefined {
  if (notes[NOTE_DESIGN] === undefined) return undefined;
  if (undo === "refuse") return `it dropped the index ${index}, and its file says that this is for good`;
  return indexOwner === "pulumi"
    ? `the index ${index} belongs to the Pulumi program (indexOwner: pulumi): put it back there`
    : undefined;
}

/** Drops a global secondary index. */
export const dropIndexKind: StepKind<DropIndexStep> = {
  run: runDropIndex,
  plan: async (step, context, table) => planDropIndex(step, context, table),
  undo: undoDropIndex,
  planUndo: async (step, context, table, past) => planRecreate(step, context, table, past),
  refuseToUndo: refuseToRecreate,
};
