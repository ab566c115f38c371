import {
  DescribeTimeToLiveCommand,
  type ProvisionedThroughputDescription,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { describeTable, indexDesignOf, keysOf, type Sender } from "../dynamo/describe.ts";
import { type Capabilities, capabilitiesOf } from "./capabilities.ts";
import type { Billing, Capacity, StreamView, TableState } from "./table-state.ts";

const capacityOf = (throughput: ProvisionedThroughputDescription | undefined): Capacity => ({
  read: throughput?.ReadCapacityUnits ?? 0,
  write: throughput?.WriteCapacityUnits ?? 0,
});

function billingOf({ BillingModeSummary, ProvisionedThroughput }: TableDescription): Billing {
  if (BillingModeSummary?.BillingMode === "PAY_PER_REQUEST") return { mode: "PAY_PER_REQUEST" };
  return { mode: "PROVISIONED", capacity: capacityOf(ProvisionedThroughput) };
}

function indexesOf(description: TableDescription): TableState["indexes"] {
  const states = (description.GlobalSecondaryIndexes ?? []).flatMap((index) => {
    const name = index.IndexName ?? "";
    const design = indexDesignOf(description, name);
    return design ? [[name, { design, capacity: capacityOf(index.ProvisionedThroughput) }] as const] : [];
  });
  return Object.fromEntries(states);
}

function localIndexesOf(description: TableDescription): TableState["localIndexes"] {
  // A local index is described in the same words as a global one.
  const asGlobal = { ...description, GlobalSecondaryIndexes: description.LocalSecondaryIndexes };
  const designs = (description.LocalSecondaryIndexes ?? []).flatMap((index) => {
    const name = index.IndexName ?? "";
    const design = indexDesignOf(asGlobal, name);
    return design ? [[name, design] as const] : [];
  });
  return Object.fromEntries(designs);
}

async function readTtlAttribute(client: Sender, table: string): Promise<string | undefined> {
  const answer = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
  const { TimeToLiveStatus: status, AttributeName } = answer.TimeToLiveDescription ?? {};
  return status === "ENABLED" || status === "ENABLING" ? AttributeName : undefined;
}

/** A live table: what can be compared with a declaration, and where it is. */
export interface LiveTable {
  readonly state: TableState;
  readonly description: TableDescription;
  /** As the engine says it. */
  readonly arn: string | undefined;
  readonly streamArn: string | undefined;
  /** What the engine that holds it can do. */
  readonly capabilities: Capabilities;
}

/** What a table's description says of it, and what only another request tells. */
export async function toLiveTable(client: Sender, description: TableDescription): Promise<LiveTable> {
  const { TableName: name = "", StreamSpecification: stream, TableArn: arn } = description;
  const state: TableState = {
    name,
    ...keysOf(description.KeySchema, description.AttributeDefinitions),
    indexes: indexesOf(description),
    localIndexes: localIndexesOf(description),
    billing: billingOf(description),
    streamView: stream?.StreamEnabled ? (stream.StreamViewType as StreamView) : undefined,
    ttlAttribute: await readTtlAttribute(client, name),
    deletionProtection: description.DeletionProtectionEnabled ?? false,
  };
  const streamArn = state.streamView && description.LatestStreamArn;
  return { state, description, arn, streamArn, capabilities: capabilitiesOf(arn) };
}

/** Reads a table as it stands, or undefined where there is none. */
export async function readLiveTable(client: Sender, table: string): Promise<LiveTable | undefined> {
  const description = await describeTable(client, table);
  return description && toLiveTable(client, description);
}
