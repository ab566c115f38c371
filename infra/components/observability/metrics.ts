import type { Input } from "@pulumi/pulumi";

/**
 * A CloudWatch metric with all its dimensions: one that lacks a dimension names another metric, which has
 * no data, and an alarm on it never goes off.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 */
export interface Metric {
  readonly namespace: "AWS/DynamoDB" | "AWS/Lambda" | "AWS/SQS" | "AWS/Backup";
  readonly metricName: string;
  readonly statistic: "Sum" | "Maximum" | "Average";
  readonly dimensions: Readonly<Record<string, Input<string>>>;
}

/** The two directions of traffic, as DynamoDB's metrics spell them. */
export const SIDES = ["Read", "Write"] as const;
export type Side = (typeof SIDES)[number];

/** A table, or one of its global secondary indexes. A table's own metrics leave its indexes out. */
export interface Place {
  readonly tableName: Input<string>;
  readonly indexName?: string;
}

/**
 * The operations that the app and the tools use: one alarm can watch ten metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html
 */
export const OPERATIONS = [
  "GetItem",
  "BatchGetItem",
  "Query",
  "Scan",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "BatchWriteItem",
  "TransactGetItems",
  "TransactWriteItems",
] as const;
export type Operation = (typeof OPERATIONS)[number];

function ofPlace(
  metricName: string,
  statistic: Metric["statistic"],
  { tableName, indexName }: Place,
): Metric {
  const dimensions = {
    TableName: tableName,
    ...(indexName !== undefined && { GlobalSecondaryIndexName: indexName }),
  };
  return { namespace: "AWS/DynamoDB", metricName, statistic, dimensions };
}

/** Requests, and parts of batches, that were refused for want of capacity. */
export const throttleEvents = (side: Side, place: Place) => ofPlace(`${side}ThrottleEvents`, "Sum", place);

/** Units used in the whole period; divided by its seconds, units a second. */
export const consumedUnits = (side: Side, place: Place) =>
  ofPlace(`Consumed${side}CapacityUnits`, "Sum", place);

/** Units a second that are paid for. On-demand tables do not have it. */
export const provisionedUnits = (side: Side, place: Place) =>
  ofPlace(`Provisioned${side}CapacityUnits`, "Average", place);

/** Requests of one operation that DynamoDB itself failed. There is no total over the operations. */
export const systemErrors = (tableName: Input<string>, operation: Operation): Metric => ({
  namespace: "AWS/DynamoDB",
  metricName: "SystemErrors",
  statistic: "Sum",
  dimensions: { TableName: tableName, Operation: operation },
});

/** Milliseconds that requests of one operation took inside DynamoDB. */
export const requestLatency = (tableName: Input<string>, operation: Operation): Metric => ({
  namespace: "AWS/DynamoDB",
  metricName: "SuccessfulRequestLatency",
  statistic: "Average",
  dimensions: { TableName: tableName, Operation: operation },
});

/** Milliseconds until a write is seen in another region. */
export const replicationLatency = (tableName: Input<string>, receivingRegion: string): Metric => ({
  namespace: "AWS/DynamoDB",
  metricName: "ReplicationLatency",
  statistic: "Average",
  dimensions: { TableName: tableName, ReceivingRegion: receivingRegion },
});

/** Milliseconds between a change and its record reaching the function. */
export const iteratorAge = (functionName: Input<string>): Metric => ({
  namespace: "AWS/Lambda",
  metricName: "IteratorAge",
  statistic: "Maximum",
  dimensions: { FunctionName: functionName },
});

/** Calls of the function that failed. */
export const functionErrors = (functionName: Input<string>): Metric => ({
  namespace: "AWS/Lambda",
  metricName: "Errors",
  statistic: "Sum",
  dimensions: { FunctionName: functionName },
});

/** Messages that wait in a queue. */
export const waitingMessages = (queueName: Input<string>): Metric => ({
  namespace: "AWS/SQS",
  metricName: "ApproximateNumberOfMessagesVisible",
  statistic: "Maximum",
  dimensions: { QueueName: queueName },
});

/**
 * Backups into a vault that AWS Backup began and could not finish.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html
 */
export const failedBackups = (vaultName: Input<string>): Metric => ({
  namespace: "AWS/Backup",
  metricName: "NumberOfBackupJobsFailed",
  statistic: "Sum",
  dimensions: { BackupVaultName: vaultName },
});
