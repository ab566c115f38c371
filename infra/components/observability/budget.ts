import { Budget, type BudgetArgs } from "@pulumi/aws/budgets/budget.js";
import type * as pulumi from "@pulumi/pulumi";
import { type Tags, tagArgs } from "../naming.ts";

/** What a cost budget is made from. */
export interface CostBudgetArgs {
  readonly physicalName: string;
  readonly monthlyUsd: number;
  readonly topicArn: pulumi.Input<string>;
  /** What carries all of these counts; without tags, all that DynamoDB costs the account. */
  readonly tags?: Tags | undefined;
}

/** Percent of the month's budget at which the topic is told. */
const THRESHOLDS = [80, 100];

function filterOf(tags: Tags): BudgetArgs["filterExpression"] {
  const filters = Object.entries(tags).map(([key, value]) => ({ tags: { key, values: [value] } }));
  if (filters.length === 0) return { dimensions: { key: "SERVICE", values: ["Amazon DynamoDB"] } };
  return filters.length === 1 ? filters[0] : { ands: filters };
}

/**
 * Tells a topic when the stack becomes dear. Tags count from the day on which they are made cost allocation
 * tags, in the billing console.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
 */
export function costBudget(
  name: string,
  { physicalName, monthlyUsd, topicArn, tags = {} }: CostBudgetArgs,
  options: pulumi.CustomResourceOptions,
): Budget {
  return new Budget(
    name,
    {
      name: physicalName,
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: String(monthlyUsd),
      limitUnit: "USD",
      filterExpression: filterOf(tags),
      metrics: "UnblendedCost",
      notifications: THRESHOLDS.map((threshold) => ({
        comparisonOperator: "GREATER_THAN",
        threshold,
        thresholdType: "PERCENTAGE",
        notificationType: "ACTUAL",
        subscriberSnsTopicArns: [topicArn],
      })),
      ...tagArgs(tags),
    },
    options,
  );
}
