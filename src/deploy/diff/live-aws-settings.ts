import {
  DescribeContinuousBackupsCommand,
  ListTagsOfResourceCommand,
  type OnDemandThroughput,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import type { Sender } from "../../dynamo/describe.ts";
import {
  type AwsSettings,
  DEFAULT_RECOVERY_DAYS,
  type EncryptionState,
  limit,
  type OnDemandLimits,
} from "../aws-settings.ts";

const limitsOf = (throughput: OnDemandThroughput | undefined): OnDemandLimits => ({
  read: limit(throughput?.MaxReadRequestUnits),
  write: limit(throughput?.MaxWriteRequestUnits),
});

/** Whose a key is, AWS does not say here: the account's own `aws/dynamodb` looks like a customer's. */
function encryptionOf({ SSEDescription: sse }: TableDescription): EncryptionState {
  const on = sse?.Status === "ENABLED" || sse?.Status === "ENABLING" || sse?.Status === "UPDATING";
  return on ? { kind: "customer-key", keyArn: sse.KMSMasterKeyArn } : { kind: "aws-owned" };
}

async function readRecoveryDays(client: Sender, table: string): Promise<number> {
  const answer = await client.send(new DescribeContinuousBackupsCommand({ TableName: table }));
  const recovery = answer.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  if (recovery?.PointInTimeRecoveryStatus !== "ENABLED") return 0;
  return recovery.RecoveryPeriodInDays ?? DEFAULT_RECOVERY_DAYS;
}

/** Every tag but those that AWS itself sets. */
async function readTags(client: Sender, arn: string): Promise<Record<string, string>> {
  const tags: Record<string, string> = {};
  let next: string | undefined;
  do {
    const page = await client.send(new ListTagsOfResourceCommand({ ResourceArn: arn, NextToken: next }));
    for (const { Key = "", Value = "" } of page.Tags ?? []) if (!Key.startsWith("aws:")) tags[Key] = Value;
    next = page.NextToken;
  } while (next !== undefined);
  return tags;
}

/** Reads what a table has on AWS alone. Local engines answer part of it wrongly, or not at all. */
export async function readLiveAwsSettings(
  client: Sender,
  description: TableDescription,
): Promise<AwsSettings> {
  const { TableName: table = "", TableArn: arn = "" } = description;
  const ownRegion = arn.split(":")[3];
  const replicas = (description.Replicas ?? []).filter(({ RegionName }) => RegionName !== ownRegion);
  const { WarmThroughput: warm } = description;
  return {
    recoveryDays: await readRecoveryDays(client, table),
    encryption: encryptionOf(description),
    tableClass: description.TableClassSummary?.TableClass ?? "STANDARD",
    onDemandLimits: limitsOf(description.OnDemandThroughput),
    indexOnDemandLimits: Object.fromEntries(
      (description.GlobalSecondaryIndexes ?? []).map((index) => [
        index.IndexName ?? "",
        limitsOf(index.OnDemandThroughput),
      ]),
    ),
    warmThroughput: { read: warm?.ReadUnitsPerSecond, write: warm?.WriteUnitsPerSecond },
    // Recovery of a copy is a setting of its own region, which is not asked.
    replicas: replicas.map(({ RegionName: region = "", KMSMasterKeyId: keyArn }) => ({
      region,
      keyArn,
      pointInTimeRecovery: false,
    })),
    tags: await readTags(client, arn),
  };
}
