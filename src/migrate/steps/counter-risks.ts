import { DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { describeTable } from "../../dynamo/describe.ts";
import { matchesPattern, patternExpression } from "../../dynamo/item-pattern.ts";
import { scanSegments } from "../../dynamo/scan.ts";
import type { CounterStep } from "../definition/counter.ts";
import type { ForeseenTable } from "../plan/foreseen-table.ts";
import type { PlanContext, StepWarning } from "./step-context.ts";

/** Counts the members that have the attribute of time to live, by a scan of the whole table. */
async function countExpiring(step: CounterStep, attribute: string, context: PlanContext): Promise<number> {
  const { client, table, signal, clock } = context;
  const { expression, names, values } = patternExpression(step.members);
  const filter = {
    FilterExpression: [expression, "attribute_exists(#ttl)"].filter(Boolean).join(" AND "),
    ExpressionAttributeNames: { ...names, "#ttl": attribute },
    ExpressionAttributeValues: Object.keys(values).length > 0 ? values : undefined,
  };
  return (await scanSegments(client, { table, filter, countOnly: true, signal, clock }, () => {})).items;
}

/** The same of the items that a plan has read. */
function foreseeExpiring(step: CounterStep, attribute: string, table: ForeseenTable): number {
  let items = 0;
  for (const item of table.items()) if (item[attribute] && matchesPattern(item, step.members)) items += 1;
  return Math.round(items * table.factor);
}

/** Members that DynamoDB deletes by itself, as it subtracts from no counter. */
async function findExpiring(
  step: CounterStep,
  context: PlanContext,
  foreseen: ForeseenTable | undefined,
): Promise<StepWarning[]> {
  const { client, table, signal } = context;
  const request = new DescribeTimeToLiveCommand({ TableName: table });
  const { TimeToLiveDescription } = await client.send(request, { abortSignal: signal });
  const { TimeToLiveStatus: status, AttributeName: attribute } = TimeToLiveDescription ?? {};
  if (attribute === undefined || (status !== "ENABLED" && status !== "ENABLING")) return [];
  const items = foreseen
    ? foreseeExpiring(step, attribute, foreseen)
    : await countExpiring(step, attribute, context);
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

/**
 * What will make the counters of a step wrong once it is done, though the step itself is exact.
 * @param foreseen where to look for items instead of going over the whole table
 */
export async function findCounterRisks(
  step: CounterStep,
  context: PlanContext,
  foreseen?: ForeseenTable,
): Promise<StepWarning[]> {
  return [...(await findExpiring(step, context, foreseen)), ...(await findReplicas(step, context))];
}
