import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type GlobalSecondaryIndex,
  type ProvisionedThroughput,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import type { Sender } from "../dynamo/describe.ts";
import { attributeDefinitions, keySchema, projectionOf } from "../dynamo/key-schema.ts";
import type { Step } from "./steps.ts";
import type { Capacity, DeclaredTable, IndexState } from "./table-state.ts";

const throughput = ({ read, write }: Capacity): ProvisionedThroughput => ({
  ReadCapacityUnits: read,
  WriteCapacityUnits: write,
});

const describeIndex = (name: string, { design, capacity }: IndexState): GlobalSecondaryIndex => ({
  IndexName: name,
  KeySchema: keySchema(design),
  Projection: projectionOf(design.projection),
  ...(capacity ? { ProvisionedThroughput: throughput(capacity) } : {}),
});

// DynamoDB refuses an empty list.
const orNothing = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);

/** The CreateTable request of a declared table. */
export function createTableInput(table: DeclaredTable): CreateTableCommandInput {
  const { billing, streamView } = table;
  const indexes = Object.entries(table.indexes);
  const localIndexes = Object.entries(table.localIndexes);
  return {
    TableName: table.name,
    KeySchema: keySchema(table),
    AttributeDefinitions: attributeDefinitions([
      table,
      ...indexes.map(([, index]) => index.design),
      ...localIndexes.map(([, design]) => design),
    ]),
    BillingMode: billing.mode,
    ProvisionedThroughput: billing.mode === "PROVISIONED" ? throughput(billing.capacity) : undefined,
    GlobalSecondaryIndexes: orNothing(indexes.map(([name, index]) => describeIndex(name, index))),
    LocalSecondaryIndexes: orNothing(localIndexes.map(([name, design]) => describeIndex(name, { design }))),
    StreamSpecification: streamView ? { StreamEnabled: true, StreamViewType: streamView } : undefined,
    DeletionProtectionEnabled: table.deletionProtection || undefined,
  };
}

type UpdateStep = Exclude<Step, { kind: "createTable" | "enableTtl" | "disableTtl" }>;

function billingUpdate(step: Extract<Step, { kind: "setBilling" }>): Partial<UpdateTableCommandInput> {
  const updates = Object.entries(step.indexes).map(([IndexName, capacity]) => ({
    Update: { IndexName, ProvisionedThroughput: throughput(capacity) },
  }));
  return {
    BillingMode: step.mode,
    ProvisionedThroughput: step.capacity ? throughput(step.capacity) : undefined,
    GlobalSecondaryIndexUpdates: orNothing(updates),
  };
}

function updateInput(step: UpdateStep): Partial<UpdateTableCommandInput> {
  switch (step.kind) {
    case "setBilling":
      return billingUpdate(step);
    case "enableStream":
      return { StreamSpecification: { StreamEnabled: true, StreamViewType: step.view } };
    case "disableStream":
      return { StreamSpecification: { StreamEnabled: false } };
    case "createIndex":
      return {
        AttributeDefinitions: attributeDefinitions([step.index.design]),
        GlobalSecondaryIndexUpdates: [{ Create: describeIndex(step.name, step.index) }],
      };
    case "deleteIndex":
      return { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: step.name } }] };
    case "setDeletionProtection":
      return { DeletionProtectionEnabled: step.enabled };
  }
}

/** Sends one step's request. The table may go on changing for a while after it. */
export async function applyStep(client: Sender, table: string, step: Step): Promise<void> {
  switch (step.kind) {
    case "createTable":
      await client.send(new CreateTableCommand(createTableInput(step.table)));
      return;
    case "enableTtl":
    case "disableTtl":
      await client.send(
        new UpdateTimeToLiveCommand({
          TableName: table,
          TimeToLiveSpecification: { AttributeName: step.attribute, Enabled: step.kind === "enableTtl" },
        }),
      );
      return;
    default:
      await client.send(new UpdateTableCommand({ TableName: table, ...updateInput(step) }));
  }
}
