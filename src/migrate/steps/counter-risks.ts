import { DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { describeTable } from "../../dynamo/describe.ts";
import { patternExpression } from "../../dynamo/item-pattern.ts";
import { scanSegments } from "../../dynamo/scan.ts";
import type { CounterStep } from "../definition/counter.ts";
import type { PlanContext, StepWarning } from "./step-context.ts";

/** Members that DynamoDB deletes by itself, as it subtracts from no counter. */
async function findExpiring(step: CounterStep, context: PlanContext): Promise<StepWarning[]> {
  const { client, table, signal, clock } = context;
  const request = new DescribeTimeToLiveCommand({ TableName: table });
  const { TimeToLiveDescription } = await client.send(request, { abortSignal: signal });
  const { TimeToLiveStatus: status, AttributeName: attribute } = TimeToLiveDescription ?? {};
  if (attribute === undefined || (status !== "ENABLED" && status !== "ENABLING")) return [];
  const { expression, names, values } = patternExpression(step.members);
  const filter = {
    FilterExpression: [expression, "attribute_exists(#ttl)"].filter(Boolean).join(" AND "),
    ExpressionAttributeNames: { ...names, "#ttl": attribute },
    ExpressionAttributeValues: Object.keys(values).length > 0 ? values : undefined,
  };
  const { items } = await scanSegments(client, { table, filter, countOnly: true, signal, clock }, () => {});
  if (items === 0) return [];
  return [
    {
      code: "counted-items-expire",
      message: `${step.id}: ${items} items to be counted have ${attribute}, by which time to live deletes them without a subtraction: subtract in a stream consumer, or run migrate reconcile now and then (docs/counters.md)`,
      facts: { table, attribute, items },
    },
  ];
}

/** Replicas, whose writes meet only after they were made: of two additions in two Regions one is lost. */
async function findReplicas(step: CounterStep, context: PlanContext): Promise<StepWarning[]> {
  const { client, table, signal } = context;
  const { Replicas = [] } = (await describeTable(client, table, signal)) ?? {};
  if (Replicas.length === 0) return [];
  const regions = Replicas.map(({ RegionName = "unknown" }) => RegionName);
  return [
    {
      code: "counted-in-several-regions",
      message: `${step.id}: ${table} is a global table (${regions.join(", ")}): counters are exact only while every write to them goes to one Region, the one of this run (docs/counters.md)`,
      facts: { table, regions },
    },
  ];
}

/** What will make the counters of a step wrong once it is done, though the step itself is exact. */
export async function findCounterRisks(step: CounterStep, context: PlanContext): Promise<StepWarning[]> {
  return [...(await findExpiring(step, context)), ...(await findReplicas(step, context))];
}
