import type {
  AttributeDefinition,
  CreateGlobalSecondaryIndexAction,
  TableDescription,
  UpdateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import { compareIndexes, describeTable, type IndexDifference, indexDesignOf } from "../../dynamo/describe.ts";
import { NotShownError, TableNotFoundError } from "../../dynamo/errors.ts";
import type { IndexDesign, KeyAttribute } from "../../dynamo/table-design.ts";
import { updateTable } from "../../dynamo/update-table.ts";
import type { WaitOptions } from "../../dynamo/wait-until.ts";
import {
  waitUntilActive,
  waitUntilIndexActive,
  waitUntilIndexAnswers,
  waitUntilIndexGone,
} from "../../dynamo/waits.ts";
import type { EnsureIndexStep } from "../definition/ensure-index.ts";
import { IndexDriftError } from "../errors.ts";
import type { PlanContext, StepContext, StepPlan, StepResult } from "./step-context.ts";
import type { StepKind, StepPast } from "./step-kind.ts";

/** An index over a large table takes hours; a day is when something is wrong. */
const BUILD_TIMEOUT_SECONDS = 24 * 3600;
/**
 * Noted down before the index is asked for, so that a run after a crash knows whose it is; taken back once
 * it is known that nothing came of it. While the fate is unknown, an index that is there is taken for ours.
 */
const NOTE_CREATING = "creating";

const keyAttributes = ({ partitionKey, sortKey }: IndexDesign): KeyAttribute[] =>
  sortKey ? [partitionKey, sortKey] : [partitionKey];

/** The ways in which the table's own attributes contradict the index: one name has one type. */
function typeConflicts(description: TableDescription, design: IndexDesign): IndexDifference[] {
  return keyAttributes(design).flatMap((key, position) => {
    const known = description.AttributeDefinitions?.find(({ AttributeName }) => AttributeName === key.name);
    if (!known || known.AttributeType === key.type) return [];
    const field = position === 0 ? "partitionKey" : "sortKey";
    return [{ field, declared: `${key.name} (${key.type})`, found: `${key.name} (${known.AttributeType})` }];
  });
}

/** What the table says of the index: absent, equal, or a drift error. */
function judge(description: TableDescription, step: EnsureIndexStep): "absent" | "equal" {
  const found = indexDesignOf(description, step.index);
  const differences = found ? compareIndexes(step.design, found) : typeConflicts(description, step.design);
  if (differences.length > 0) {
    throw new IndexDriftError(description.TableName ?? "the table", step.index, differences);
  }
  return found ? "equal" : "absent";
}

/** Capacity as the live table has it: an index takes its billing mode from the table. */
function capacityLike(description: TableDescription): Partial<CreateGlobalSecondaryIndexAction> {
  const { ProvisionedThroughput, OnDemandThroughput, BillingModeSummary } = description;
  if (BillingModeSummary?.BillingMode === "PAY_PER_REQUEST") {
    return OnDemandThroughput ? { OnDemandThroughput } : {};
  }
  const { ReadCapacityUnits, WriteCapacityUnits } = ProvisionedThroughput ?? {};
  return { ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits } };
}

function createRequest(
  description: TableDescription,
  { index, design }: EnsureIndexStep,
): UpdateTableCommandInput {
  const definitions = new Map<string | undefined, AttributeDefinition>();
  for (const definition of description.AttributeDefinitions ?? [])
    definitions.set(definition.AttributeName, definition);
  for (const { name, type } of keyAttributes(design))
    definitions.set(name, { AttributeName: name, AttributeType: type });
  const { projection } = design;
  return {
    TableName: description.TableName,
    AttributeDefinitions: [...definitions.values()],
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          IndexName: index,
          KeySchema: keyAttributes(design).map(({ name }, position) => ({
            AttributeName: name,
            KeyType: position === 0 ? "HASH" : "RANGE",
          })),
          Projection:
            typeof projection === "string"
              ? { ProjectionType: projection }
              : { ProjectionType: "INCLUDE", NonKeyAttributes: [...projection.include] },
          ...capacityLike(description),
        },
      },
    ],
  };
}

const wait = ({ pollMs, graceMs, patienceMs, signal }: StepContext): WaitOptions => ({
  timeoutSeconds: BUILD_TIMEOUT_SECONDS,
  pollMs,
  graceMs,
  patienceMs,
  signal,
});

/** The table with the index on it, once that is active; undefined where it does not show in the time of grace. */
async function findIndex(
  context: StepContext,
  { index }: EnsureIndexStep,
): Promise<TableDescription | undefined> {
  const { client, table } = context;
  try {
    return await waitUntilIndexActive(client, table, index, wait(context));
  } catch (error) {
    if (error instanceof NotShownError) return undefined;
    throw error;
  }
}

/**
 * Asks for the index, and says whether the one that is there now is ours; where it is not, somebody made it
 * at the same moment.
 */
async function askForIndex(
  context: StepContext,
  step: EnsureIndexStep,
  description: TableDescription,
): Promise<boolean> {
  const { client, table, signal, log } = context;
  await context.remember(NOTE_CREATING, new Date().toISOString());
  const fate = await updateTable(client, createRequest(description, step), signal);
  if (fate.kind === "accepted") {
    log.info(`index ${step.index} of ${table} is being built`);
    return true;
  }
  if (fate.kind === "unknown" && (await findIndex(context, step))) return true;
  await context.forget(NOTE_CREATING);
  const now = await describeTable(client, table, signal);
  if (!now || judge(now, step) === "absent") throw fate.error;
  return false;
}

/** Makes the index, or adopts it, and returns when it answers a Query. */
async function runEnsureIndex(step: EnsureIndexStep, context: StepContext): Promise<StepResult> {
  const { client, table, notes } = context;
  const { index: name, design } = step;
  // One index at a time may be built or dropped on a table: wait for what is under way.
  const description = await waitUntilActive(client, table, wait(context));
  const ours =
    judge(description, step) === "absent"
      ? await askForIndex(context, step, description)
      : notes[NOTE_CREATING] !== undefined;
  await waitUntilIndexAnswers(client, table, { name, partitionKey: design.partitionKey }, wait(context));
  return { outcome: ours ? "created" : "adopted", counts: {} };
}

/** What a run would do. */
async function planEnsureIndex(step: EnsureIndexStep, context: PlanContext): Promise<StepPlan> {
  const description = await describeTable(context.client, context.table);
  if (!description) throw new TableNotFoundError(context.table, "the target");
  return judge(description, step) === "absent"
    ? { action: `create the index ${step.index}`, changes: 1, counts: {} }
    : { action: `adopt the index ${step.index} as it is`, changes: 0, counts: {} };
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
  const { client, table, signal, notes } = context;
  if (notes[NOTE_CREATING] === undefined) return { outcome: "nothing to drop", counts: {} };
  const description = await findIndex(context, step);
  if (!description) return { outcome: "already gone", counts: {} };
  judge(description, step);
  const GlobalSecondaryIndexUpdates = [{ Delete: { IndexName: step.index } }];
  const fate = await updateTable(client, { TableName: table, GlobalSecondaryIndexUpdates }, signal);
  if (fate.kind === "refused") throw fate.error;
  try {
    await waitUntilIndexGone(client, table, step.index, wait(context));
  } catch (error) {
    throw fate.kind === "unknown" && error instanceof NotShownError ? fate.error : error;
  }
  return { outcome: "dropped", counts: {} };
}

/** Makes a global secondary index, or adopts it. */
export const ensureIndexKind: StepKind<EnsureIndexStep> = {
  run: runEnsureIndex,
  plan: planEnsureIndex,
  undo: undoEnsureIndex,
  refuseToUndo: refuseToDropIndex,
};
