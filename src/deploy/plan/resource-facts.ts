import { isManagedTable } from "../declared-tables.ts";
import type { DeclaredResource } from "../monitor.ts";
import { actionsOf, policyDocument } from "../policy-document.ts";
import type { Properties } from "../resource-values.ts";
import type { ScalingByPlace } from "../scaling-ranges.ts";
import type { ReplicasByTable } from "../table-replicas.ts";
import { type Fact, tableFacts } from "./table-facts.ts";

type FactsOf = (inputs: Properties) => readonly (readonly [label: string, value: unknown])[];

/** The comparisons of CloudWatch, as signs. */
const SIGNS: Readonly<Record<string, string>> = {
  GreaterThanThreshold: ">",
  GreaterThanOrEqualToThreshold: ">=",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "<=",
};

interface MetricQuery {
  readonly metric?: { readonly metricName?: string };
}

/** The metrics of an alarm: one, or those that its expression is made of. */
export function metricsOf({ metricName, metricQueries = [] }: Properties): string[] {
  if (typeof metricName === "string") return [metricName];
  const names = (metricQueries as MetricQuery[]).flatMap(({ metric }) => metric?.metricName ?? []);
  return [...new Set(names)];
}

function showAlarm(inputs: Properties): string {
  const sign = SIGNS[String(inputs.comparisonOperator)] ?? String(inputs.comparisonOperator);
  const computed = typeof inputs.metricName === "string" ? "" : "a value of ";
  return `${computed}${metricsOf(inputs).join(", ")} ${sign} ${inputs.threshold}`;
}

const policyFacts: FactsOf = ({ policy }) => [["actions", actionsOf(policyDocument(policy)).length]];

/** What matters of a resource by its type; of every other type, its name. */
const FACTS: Readonly<Record<string, FactsOf>> = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": (inputs) => [["when", showAlarm(inputs)]],
  "aws:dynamodb/tableReplica:TableReplica": ({ region, pointInTimeRecovery }) => [
    ["region", region],
    ["recovery", pointInTimeRecovery === true ? "on" : "off"],
  ],
  "aws:iam/rolePolicy:RolePolicy": policyFacts,
  "aws:iam/policy:Policy": policyFacts,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ({ policyArn }) => [
    ["policy", String(policyArn).split("/").at(-1)],
  ],
  "aws:appautoscaling/target:Target": ({ minCapacity, maxCapacity, scalableDimension }) => [
    ["units", `${minCapacity} to ${maxCapacity} ${String(scalableDimension).split(":").at(-1)}`],
  ],
  "aws:appautoscaling/policy:Policy": ({ targetTrackingScalingPolicyConfiguration: tracking }) => [
    ["target", tracking === undefined ? undefined : `${(tracking as { targetValue: number }).targetValue} %`],
  ],
  "aws:appautoscaling/scheduledAction:ScheduledAction": ({ schedule }) => [["at", schedule]],
  "aws:lambda/function:Function": ({ name, runtime, memorySize }) => [
    ["name", name],
    ["runtime", runtime],
    ["MB", memorySize],
  ],
  "aws:lambda/eventSourceMapping:EventSourceMapping": ({ batchSize, maximumRetryAttempts }) => [
    ["batch", batchSize],
    ["retries", maximumRetryAttempts],
  ],
  "aws:cloudwatch/logGroup:LogGroup": ({ name, retentionInDays }) => [
    ["name", name],
    ["days", retentionInDays],
  ],
  "aws:kms/key:Key": ({ enableKeyRotation }) => [["rotation", enableKeyRotation === true ? "yes" : "no"]],
  "aws:sns/topicSubscription:TopicSubscription": ({ protocol, endpoint }) => [
    ["to", `${protocol} ${endpoint}`],
  ],
  "aws:budgets/budget:Budget": ({ name, limitAmount, limitUnit }) => [
    ["name", name],
    ["limit", `${limitAmount} ${limitUnit}`],
  ],
};

const nameFacts: FactsOf = ({ name }) => [["name", name]];

/** What matters of a resource; nothing of a component. */
export function factsOf(
  resource: DeclaredResource,
  scaling: ScalingByPlace,
  replicas: ReplicasByTable,
): readonly Fact[] {
  if (!resource.custom) return [];
  if (isManagedTable(resource)) return tableFacts(resource, scaling, replicas);
  const facts = (FACTS[resource.type] ?? nameFacts)(resource.inputs);
  return facts.flatMap(([label, value]) =>
    value === undefined || value === "" || value === resource.name ? [] : [{ label, value: String(value) }],
  );
}
