import type { DeclaredResource } from "../../src/deploy/monitor.ts";
import type { Properties } from "../../src/deploy/resource-values.ts";
import { invertedIndex, plainInputs, resource } from "./declare.ts";

const STACK = "urn:pulumi:prod::test::pulumi:pulumi:Stack::test-prod";

/** A resource of a made-up stack, with a URN like Pulumi's. */
export function declared(
  type: string,
  name: string,
  inputs: Properties = {},
  options: Partial<DeclaredResource> = {},
): DeclaredResource {
  return resource(inputs, {
    type,
    name,
    urn: `urn:pulumi:prod::test::${type}::${name}`,
    parent: STACK,
    ...options,
  });
}

export const TABLE_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/prod-photos";

const store = declared("tablewright:infra:TableStore", "photos", {}, { custom: false });

/** A table with an index under its component; `inputs` on top of an on-demand one. */
export function photosTable(
  inputs: Properties = {},
  options: Partial<DeclaredResource> = {},
): DeclaredResource[] {
  const all = { ...plainInputs("prod-photos"), globalSecondaryIndexes: [invertedIndex], ...inputs };
  return [store, declared("aws:dynamodb/table:Table", "photos", all, { parent: store.urn, ...options })];
}

/** A copy of {@link photosTable} in another region. */
export const photosReplica = (region: string, inputs: Properties = {}): DeclaredResource =>
  declared("aws:dynamodb/tableReplica:TableReplica", `photos-${region}`, {
    globalTableArn: TABLE_ARN,
    region,
    ...inputs,
  });

/** An autoscaled table: what `photosTable` declares, with targets and policies for table and index. */
export function autoscaledTable(min: number, max: number): DeclaredResource[] {
  const capacity = { readCapacity: min, writeCapacity: min };
  const table = photosTable(
    { billingMode: "PROVISIONED", ...capacity, globalSecondaryIndexes: [{ ...invertedIndex, ...capacity }] },
    { ignoreChanges: ["readCapacity", "writeCapacity", "globalSecondaryIndexes"] },
  );
  const scaled = ["table", "index"].flatMap((kind) =>
    ["Read", "Write"].flatMap((side) => {
      const place = {
        resourceId: `table/prod-photos${kind === "index" ? "/index/InvertedIndex" : ""}`,
        scalableDimension: `dynamodb:${kind}:${side}CapacityUnits`,
      };
      const tracking = { targetTrackingScalingPolicyConfiguration: { targetValue: 50 } };
      return [
        declared("aws:appautoscaling/target:Target", `${kind}-${side}`, {
          ...place,
          minCapacity: min,
          maxCapacity: max,
        }),
        declared("aws:appautoscaling/policy:Policy", `${kind}-${side}`, { ...place, ...tracking }),
      ];
    }),
  );
  return [...table, ...scaled];
}

const statement = (Action: string[], Resource: string | string[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });

/** What stands around a table: consumer, queue, roles, alarms, topic, key, backups. */
export function surroundings(): DeclaredResource[] {
  const arn = (service: string, name: string) => `arn:aws:${service}:us-east-1:000000000000:${name}`;
  const alarm = (name: string, inputs: Properties) =>
    declared("aws:cloudwatch/metricAlarm:MetricAlarm", name, {
      comparisonOperator: "GreaterThanThreshold",
      threshold: 10,
      alarmActions: [arn("sns", "alarms")],
      ...inputs,
    });
  return [
    declared("aws:sns/topic:Topic", "alarms", { name: "alarms" }),
    alarm("reads", { metricName: "ReadThrottleEvents", dimensions: { TableName: "prod-photos" } }),
    alarm("errors", {
      metricQueries: [
        { expression: "a + b" },
        { metric: { metricName: "SystemErrors", dimensions: { TableName: "prod-photos" } } },
        { metric: { metricName: "UserErrors" } },
      ],
    }),
    declared("aws:sqs/queue:Queue", "dead", { name: "dead" }),
    declared("aws:iam/role:Role", "seeder", { name: "prod-seeder" }),
    declared("aws:iam/rolePolicy:RolePolicy", "seeder", {
      role: "prod-seeder",
      policy: statement(["dynamodb:PutItem", "dynamodb:BatchWriteItem"], TABLE_ARN),
    }),
    declared("aws:lambda/function:Function", "consumer", {
      name: "consumer",
      memorySize: 256,
      architectures: ["arm64"],
      runtime: "nodejs22.x",
    }),
    declared("aws:lambda/eventSourceMapping:EventSourceMapping", "consumer", {
      eventSourceArn: `${TABLE_ARN}/stream/2000-01-01T00:00:00.000`,
      functionName: "consumer",
      batchSize: 100,
      destinationConfig: { onFailure: { destinationArn: arn("sqs", "dead") } },
    }),
    declared("aws:kms/key:Key", "photos", { enableKeyRotation: true }, { protect: true }),
    declared("aws:backup/plan:Plan", "backups", {
      name: "backups",
      rules: [{ schedule: "cron(0 5 * * ? *)", lifecycle: { deleteAfter: 35 } }],
    }),
    declared("aws:backup/selection:Selection", "backups", { planId: "backups", resources: [TABLE_ARN] }),
    declared("aws:cloudwatch/dashboard:Dashboard", "watch", { dashboardName: "watch" }),
    declared("aws:ssm/parameter:Parameter", "other", { name: "/other" }),
  ];
}
