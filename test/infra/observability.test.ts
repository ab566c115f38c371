import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { consumerAlarms } from "../../infra/components/observability/alarm-rules.ts";
import type { Evaluation } from "../../src/deploy/evaluate-program.ts";
import { evaluate as evaluateProgram, inTypeScript, writeProject } from "../deploy/programs.ts";
import { ROOT } from "../support/processes.ts";
import { evaluate, inputsOf, named, ofType } from "./evaluate.ts";

const ALARM = "cloudwatch/metricAlarm:MetricAlarm";
const DASHBOARD = "cloudwatch/dashboard:Dashboard";
const TOPIC = "sns/topic:Topic";

/**
 * The dimensions that each metric is published under, as AWS documents them (DynamoDB: Metrics and
 * dimensions; Lambda: Types of metrics; AWS Backup: metrics with Amazon CloudWatch; SQS: Available CloudWatch metrics).
 */
const OF_TABLE = "TableName";
const OF_TABLE_OR_INDEX = [OF_TABLE, "GlobalSecondaryIndexName,TableName"];
const PUBLISHED: Record<string, readonly string[]> = {
  "AWS/DynamoDB ReadThrottleEvents": OF_TABLE_OR_INDEX,
  "AWS/DynamoDB WriteThrottleEvents": OF_TABLE_OR_INDEX,
  "AWS/DynamoDB ConsumedReadCapacityUnits": OF_TABLE_OR_INDEX,
  "AWS/DynamoDB ConsumedWriteCapacityUnits": OF_TABLE_OR_INDEX,
  "AWS/DynamoDB ProvisionedReadCapacityUnits": OF_TABLE_OR_INDEX,
  "AWS/DynamoDB ProvisionedWriteCapacityUnits": OF_TABLE_OR_INDEX,
  "AWS/DynamoDB SystemErrors": ["Operation,TableName"],
  "AWS/DynamoDB SuccessfulRequestLatency": ["Operation,TableName"],
  "AWS/DynamoDB ReplicationLatency": ["ReceivingRegion,TableName"],
  "AWS/Lambda IteratorAge": ["FunctionName"],
  "AWS/Lambda Errors": ["FunctionName"],
  "AWS/Backup NumberOfBackupJobsFailed": ["BackupVaultName"],
  "AWS/SQS ApproximateNumberOfMessagesVisible": ["QueueName"],
};

const ALARMS = {
  throttledRequests: 1,
  systemErrors: 1,
  consumedCapacityPercent: 1,
  accountReadCapacity: 1,
  accountWriteCapacity: 1234,
  replicationLatencySeconds: 1,
  iteratorAgeSeconds: 30,
};

/** A metric as alarms and dashboards spell it. */
interface Named {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Record<string, string>;
}

interface AlarmInputs extends Partial<Named> {
  readonly name: string;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly period?: number;
  readonly treatMissingData: string;
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly metricQueries?: readonly {
    id: string;
    expression?: string;
    metric?: Named;
    returnData: boolean;
  }[];
}

const alarmsOf = (evaluation: Evaluation) =>
  ofType(evaluation, ALARM).map(({ inputs }) => inputs as unknown as AlarmInputs);

const metricsOf = (alarm: AlarmInputs): Named[] =>
  alarm.metricQueries
    ? alarm.metricQueries.flatMap(({ metric }) => (metric ? [metric] : []))
    : [alarm as Named];

/** A dashboard line is `[namespace, name, dimension, value, …, options]`, or an expression. */
function lineMetrics(body: string): Named[] {
  const { widgets } = JSON.parse(body) as { widgets: { properties: { metrics?: unknown[][] } }[] };
  return widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .filter((line) => typeof line[0] === "string")
    .map((line) => {
      const [namespace, metricName, ...rest] = line.filter((part) => typeof part === "string") as string[];
      const pairs = rest.flatMap((name, at) => (at % 2 === 0 ? [[name, rest[at + 1]]] : []));
      return {
        namespace: namespace ?? "",
        metricName: metricName ?? "",
        dimensions: Object.fromEntries(pairs),
      };
    });
}

/** What a metric lacks: nothing, or its name with the dimensions that it was given. */
const strange = ({ namespace, metricName, dimensions }: Named) => {
  const given = Object.keys(dimensions).sort().join(",");
  const known = PUBLISHED[`${namespace} ${metricName}`] ?? [];
  return known.includes(given) ? [] : [`${namespace} ${metricName} by ${given}`];
};

describe("observability of a provisioned table", () => {
  let evaluation: Evaluation;
  let alarms: AlarmInputs[];
  beforeAll(async () => {
    evaluation = await evaluate("dev", {
      alarms: "true",
      dashboard: "true",
      alarmEmail: "oncall@example.com",
      monthlyBudgetUsd: "50",
      tags: JSON.stringify(["team=photos", "environment=test"]),
      throttledRequestsAlarm: "11",
      systemErrorsAlarm: "7",
      consumedCapacityAlarmPercent: "66",
    });
    alarms = alarmsOf(evaluation);
  });

  it("watches each table and index, reads and writes, and errors", () => {
    const sides = (place: string) =>
      ["read-throttled", "read-capacity", "write-throttled", "write-capacity"].map((what) => place + what);
    expect(alarms.map(({ name }) => name).sort()).toEqual(
      [
        ...sides("quick-photos-"),
        ...sides("quick-photos-InvertedIndex-"),
        "quick-photos-system-errors",
        ...sides("tablewright-ledger-dev-"),
        "tablewright-ledger-dev-system-errors",
      ].sort(),
    );
  });

  it("gives every metric exactly the dimensions that AWS publishes it under", () => {
    const dashboard = lineMetrics(String(inputsOf(evaluation, DASHBOARD).dashboardBody));
    const metrics = [...alarms.flatMap(metricsOf), ...dashboard];
    expect(metrics.length).toBeGreaterThan(50);
    expect(metrics.flatMap(strange)).toEqual([]);
    for (const { dimensions } of metrics) expect(Object.values(dimensions)).not.toContain(undefined);
  });

  it("takes the thresholds from the configuration", () => {
    const thresholdOf = (ending: string) => [
      ...new Set(alarms.filter(({ name }) => name.endsWith(ending)).map(({ threshold }) => threshold)),
    ];
    expect(thresholdOf("-throttled")).toEqual([11]);
    expect(thresholdOf("-capacity")).toEqual([66]);
    expect(thresholdOf("-system-errors")).toEqual([7]);
  });

  it("compares what is consumed with what is provisioned, units a second with units a second", () => {
    const capacity = alarms.find(({ name }) => name === "quick-photos-InvertedIndex-write-capacity");
    expect(capacity?.metricQueries).toEqual([
      expect.objectContaining({
        expression: "100 * consumed / PERIOD(consumed) / provisioned",
        returnData: true,
      }),
      expect.objectContaining({
        id: "consumed",
        returnData: false,
        metric: expect.objectContaining({ metricName: "ConsumedWriteCapacityUnits", stat: "Sum" }),
      }),
      expect.objectContaining({
        id: "provisioned",
        returnData: false,
        metric: expect.objectContaining({ metricName: "ProvisionedWriteCapacityUnits", stat: "Average" }),
      }),
    ]);
    expect(capacity?.evaluationPeriods).toBe(3);
  });

  it("adds up system errors over the operations, at most ten in one alarm", () => {
    const errors = alarms.find(({ name }) => name === "quick-photos-system-errors");
    const operations = metricsOf(errors as AlarmInputs).map(({ dimensions }) => dimensions.Operation);
    expect(errors?.metricQueries?.[0]?.expression).toBe("SUM(METRICS())");
    expect(operations).toEqual(expect.arrayContaining(["Query", "BatchWriteItem", "TransactWriteItems"]));
    expect(new Set(operations).size).toBe(10);
    const ids = errors?.metricQueries?.map(({ id }) => id) ?? [];
    for (const id of ids) expect(id).toMatch(/^[a-z][a-zA-Z0-9_]*$/);
  });

  it("tells one encrypted topic, which only CloudWatch and Budgets of this account may write to", () => {
    const { kmsMasterKeyId, name } = inputsOf(evaluation, TOPIC);
    expect(name).toBe("quick-photos-alarms");
    expect(kmsMasterKeyId).toMatch(/^arn:aws:kms:/);
    const topicArn = `arn:aws:sns:us-east-1:000000000000:${name}`;
    for (const alarm of alarms) {
      expect(alarm).toMatchObject({ treatMissingData: "notBreaching", alarmActions: [topicArn] });
      expect(alarm.okActions).toEqual([topicArn]);
    }
    const policy = JSON.parse(String(inputsOf(evaluation, "sns/topicPolicy:TopicPolicy").policy));
    expect(policy.Statement).toEqual([
      expect.objectContaining({
        Principal: { Service: ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] },
        Resource: topicArn,
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      }),
    ]);
    const key = JSON.parse(String(named(evaluation, "kms/key:Key", "observability").inputs.policy));
    expect(key.Statement[1]).toMatchObject({ Principal: policy.Statement[0].Principal });
    expect(inputsOf(evaluation, "sns/topicSubscription:TopicSubscription")).toMatchObject({
      protocol: "email",
      endpoint: "oncall@example.com",
      topic: topicArn,
    });
  });

  it("makes what writes to the topic once the topic lets it", () => {
    const [policy] = ofType(evaluation, "sns/topicPolicy:TopicPolicy");
    const writers = [
      ...ofType(evaluation, "cloudwatch/metricAlarm:MetricAlarm"),
      ...ofType(evaluation, "budgets/budget:Budget"),
    ];
    expect(writers.filter(({ dependencies }) => !dependencies.includes(policy?.urn ?? "")).length).toBe(0);
  });

  it("has a budget for what the tags cost, which the topic hears of at 80 and 100 percent", () => {
    expect(inputsOf(evaluation, "budgets/budget:Budget")).toMatchObject({
      limitAmount: "50",
      timeUnit: "MONTHLY",
      filterExpression: {
        ands: [
          { tags: { key: "team", values: ["photos"] } },
          { tags: { key: "environment", values: ["test"] } },
        ],
      },
      notifications: [
        expect.objectContaining({
          threshold: 80,
          subscriberSnsTopicArns: [expect.stringContaining(":sns:")],
        }),
        expect.objectContaining({ threshold: 100 }),
      ],
    });
  });
});

describe("observability of prod", () => {
  it("compares with the table's caps, and with the account's quota where it has none", async () => {
    const evaluation = await evaluate("prod", {
      maxReadRequestUnits: "900",
      accountWriteCapacity: "1234",
      replicaRegions: JSON.stringify(["eu-west-1"]),
      replicaKmsKeyArns: JSON.stringify(["arn:aws:kms:eu-west-1:111122223333:key/replica"]),
      replicationLatencyAlarmSeconds: "45",
    });
    const alarms = alarmsOf(evaluation);
    const alarmOf = (name: string) => alarms.find((alarm) => alarm.name === name);
    const expressionOf = (name: string) => alarmOf(name)?.metricQueries?.[0]?.expression;
    expect(expressionOf("prod-quick-photos-read-capacity")).toMatch(/ \/ 900$/);
    expect(expressionOf("prod-quick-photos-InvertedIndex-write-capacity")).toMatch(/ \/ 2000$/);
    expect(expressionOf("tablewright-ledger-prod-read-capacity")).toMatch(/ \/ 40000$/);
    expect(expressionOf("tablewright-ledger-prod-write-capacity")).toMatch(/ \/ 1234$/);
    // The metric is in milliseconds.
    expect(alarmOf("prod-quick-photos-replication-eu-west-1")).toMatchObject({
      threshold: 45_000,
      dimensions: { TableName: "prod-quick-photos", ReceivingRegion: "eu-west-1" },
    });
    const dashboard = lineMetrics(String(inputsOf(evaluation, DASHBOARD).dashboardBody));
    expect([...alarms.flatMap(metricsOf), ...dashboard].flatMap(strange)).toEqual([]);
    expect(ofType(evaluation, "sns/topicSubscription:TopicSubscription")).toEqual([]);
  });

  it("compares an index that has a billing of its own with that", async () => {
    const component = (path: string) => JSON.stringify(join(ROOT, "infra", "components", path));
    const program = `const { TableStore } = await import(${component("table-store/table-store.ts")});
const { Observability } = await import(${component("observability/observability.ts")});
const key = (name) => ({ name, type: "S" });
const index = (name) => ({ partitionKey: key(name), projection: "ALL" });
const design = { model: "orders", partitionKey: key("PK"), indexes: { ByState: index("state"), ByDate: index("date") } };
const billing = { mode: "on-demand", maxReadUnits: 900, maxWriteUnits: 800 };
const orders = new TableStore("orders", {
  design, billing, physicalName: "orders",
  indexes: { ByState: { billing: { mode: "on-demand", maxReadUnits: 50 } } },
});
new Observability("watch", { physicalName: "orders", tables: [orders], alarms: ${JSON.stringify(ALARMS)} });`;
    const alarms = alarmsOf(await evaluateProgram(writeProject(inTypeScript(program))));
    const limits = alarms
      .filter(({ name }) => name.endsWith("-capacity"))
      .map(({ name, metricQueries }) => [name, metricQueries?.[0]?.expression?.split(" / ").at(-1)]);
    expect(Object.fromEntries(limits)).toEqual({
      "orders-read-capacity": "900",
      "orders-write-capacity": "800",
      "orders-ByState-read-capacity": "50",
      "orders-ByState-write-capacity": String(ALARMS.accountWriteCapacity),
      "orders-ByDate-read-capacity": "900",
      "orders-ByDate-write-capacity": "800",
    });
  });

  it("can be a dashboard alone", async () => {
    const evaluation = await evaluate("dev", { dashboard: "true" });
    expect(ofType(evaluation, ALARM)).toEqual([]);
    expect(ofType(evaluation, TOPIC)).toEqual([]);
    const body = String(inputsOf(evaluation, DASHBOARD).dashboardBody);
    expect(lineMetrics(body).flatMap(strange)).toEqual([]);
    expect(body).toContain('"region":"us-east-1"');
    expect(body).not.toContain('"type":"alarm"');
  });
});

it("watches the stream consumer's lag and its dead letters", () => {
  const consumer = { functionName: "consume", deadLetterQueueName: "dead" };
  const rules = consumerAlarms(consumer, ALARMS);
  expect(rules.map(({ threshold }) => threshold)).toEqual([30_000, 1]);
  const metrics = rules.flatMap(({ watches }) => ("metric" in watches ? [watches.metric as Named] : []));
  expect(metrics.map(({ dimensions }) => dimensions)).toEqual([
    { FunctionName: "consume" },
    { QueueName: "dead" },
  ]);
  expect(metrics.flatMap(strange)).toEqual([]);
});
