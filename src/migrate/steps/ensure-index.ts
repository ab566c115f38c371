import {
  type AttributeDefinition,
  type AttributeValue,
  type CreateGlobalSecondaryIndexAction,
  QueryCommand,
  type TableDescription,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { sleep } from "../../dynamo/backoff.ts";
import {
  compareIndexes,
  describeTable,
  type IndexDifference,
  indexDesignOf,
  waitUntilActive,
} from "../../dynamo/describe.ts";
import { TableNotFoundError } from "../../dynamo/errors.ts";
import type { IndexDesign, KeyAttribute, KeyType } from "../../dynamo/table-design.ts";
import type { EnsureIndexStep } from "../definition.ts";
import { IndexDriftError, IndexSilentError } from "../errors.ts";
import type { StepContext, StepPlan, StepResult } from "./step-context.ts";

/** An index over a large table takes hours; a day is when something is wrong. */
const BUILD_TIMEOUT_SECONDS = 24 * 3600;
const PROBE_TIMEOUT_SECONDS = 60;
/** Noted down before the index is asked for, so that a run after a crash knows whose it is. */
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
): UpdateTableCommand {
  const definitions = new Map<string | undefined, AttributeDefinition>();
  for (const definition of description.AttributeDefinitions ?? [])
    definitions.set(definition.AttributeName, definition);
  for (const { name, type } of keyAttributes(design))
    definitions.set(name, { AttributeName: name, AttributeType: type });
  const { projection } = design;
  return new UpdateTableCommand({
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
  });
}

const wait = (context: StepContext) => ({
  timeoutSeconds: BUILD_TIMEOUT_SECONDS,
  pollMs: context.pollMs,
  signal: context.signal,
});

async function createIndex(
  context: StepContext,
  step: EnsureIndexStep,
  description: TableDescription,
): Promise<void> {
  const { client, table, signal } = context;
  await context.remember(NOTE_CREATING, new Date().toISOString());
  try {
    await client.send(createRequest(description, step), { abortSignal: signal });
  } catch (error) {
    signal?.throwIfAborted();
    // The answer may have been lost and the SDK's second attempt refused: what counts is what is there.
    const now = await describeTable(client, table);
    if (!now || judge(now, step) === "absent") throw error;
  }
  context.log.info(`index ${step.index} of ${table} is being built`);
  await waitUntilActive(client, table, wait(context));
}

const PROBE_VALUES: Record<KeyType, AttributeValue> = {
  S: { S: "tablewright probe" },
  N: { N: "0" },
  B: { B: Uint8Array.of(0) },
};

/** Asks the index until it answers: a description may say ACTIVE before it does. */
async function probeIndex(context: StepContext, { index, design }: EnsureIndexStep): Promise<void> {
  const { client, table, signal, pollMs } = context;
  const request = new QueryCommand({
    TableName: table,
    IndexName: index,
    KeyConditionExpression: "#key = :probe",
    ExpressionAttributeNames: { "#key": design.partitionKey.name },
    ExpressionAttributeValues: { ":probe": PROBE_VALUES[design.partitionKey.type] },
    Limit: 1,
  });
  const deadline = performance.now() + PROBE_TIMEOUT_SECONDS * 1000;
  for (;;) {
    try {
      await client.send(request, { abortSignal: signal });
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (performance.now() > deadline) {
        throw new IndexSilentError(table, index, PROBE_TIMEOUT_SECONDS, error);
      }
      await sleep(pollMs, signal);
    }
  }
}

/** Makes the index, or adopts it, and returns when it answers a Query. */
export async function runEnsureIndex(step: EnsureIndexStep, context: StepContext): Promise<StepResult> {
  const { client, table } = context;
  // One index at a time may be built or dropped on a table: wait for what is under way.
  const description = await waitUntilActive(client, table, wait(context));
  const absent = judge(description, step) === "absent";
  if (absent) await createIndex(context, step, description);
  await probeIndex(context, step);
  const ours = absent || context.notes[NOTE_CREATING] !== undefined;
  return { outcome: ours ? "created" : "adopted", counts: {} };
}

/** What {@link runEnsureIndex} would do. */
export async function planEnsureIndex(step: EnsureIndexStep, context: StepContext): Promise<StepPlan> {
  const description = await describeTable(context.client, context.table);
  if (!description) throw new TableNotFoundError(context.table, "the target");
  return judge(description, step) === "absent"
    ? { action: `create the index ${step.index}`, changes: 1, counts: {} }
    : { action: `adopt the index ${step.index} as it is`, changes: 0, counts: {} };
}

/** Why the index must stay, or undefined where this migration made it and owns it. */
export function refuseToDropIndex(
  step: EnsureIndexStep,
  outcome: string | undefined,
  notes: StepContext["notes"],
  indexOwner: StepContext["indexOwner"],
): string | undefined {
  if (indexOwner === "pulumi") {
    return `the index ${step.index} belongs to the Pulumi program (indexOwner: pulumi): take it out there`;
  }
  if (outcome === "created" || notes[NOTE_CREATING] !== undefined) return undefined;
  return `the index ${step.index} was there before the migration, which only adopted it: it is not dropped`;
}

/** Drops the index and returns when it is gone. */
export async function undoEnsureIndex(step: EnsureIndexStep, context: StepContext): Promise<StepResult> {
  const { client, table, signal } = context;
  const description = await waitUntilActive(client, table, wait(context));
  if (!indexDesignOf(description, step.index)) return { outcome: "already gone", counts: {} };
  judge(description, step);
  await client.send(
    new UpdateTableCommand({
      TableName: table,
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: step.index } }],
    }),
    { abortSignal: signal },
  );
  // An index that is being dropped is DELETING, which is not ready; then it is not listed any more.
  await waitUntilActive(client, table, wait(context));
  return { outcome: "dropped", counts: {} };
}
