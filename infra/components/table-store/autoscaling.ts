import { Policy, ScheduledAction, Target } from "@pulumi/aws/appautoscaling/index.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Billing, CapacityRange } from "../../config.ts";

type Autoscaled = Extract<Billing, { mode: "autoscaled" }>;

/** What scales: the table, or one of its indexes. */
export interface Scaled {
  /** Part of the names of the resources, such as `quick-photos-InvertedIndex`. */
  readonly name: string;
  readonly kind: "table" | "index";
  /** `table/<table>`, or `table/<table>/index/<index>`. */
  readonly resourceId: pulumi.Input<string>;
}

const METRICS = {
  read: "DynamoDBReadCapacityUtilization",
  write: "DynamoDBWriteCapacityUtilization",
} as const;

const DIMENSIONS = { read: "ReadCapacityUnits", write: "WriteCapacityUnits" } as const;

/**
 * Makes target tracking and schedules of one table or index, for reads and for writes, and returns all of it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
 */
export function autoscale(
  scaled: Scaled,
  billing: Autoscaled,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const made: pulumi.Resource[] = [];
  for (const side of ["read", "write"] as const) {
    const name = `${scaled.name}-${side}`;
    const target = new Target(
      name,
      {
        minCapacity: billing[side].min,
        maxCapacity: billing[side].max,
        resourceId: scaled.resourceId,
        scalableDimension: `dynamodb:${scaled.kind}:${DIMENSIONS[side]}`,
        serviceNamespace: "dynamodb",
      },
      options,
    );
    // The place is the target's output, so that policy and schedules come after the target.
    const place = {
      resourceId: target.resourceId,
      scalableDimension: target.scalableDimension,
      serviceNamespace: target.serviceNamespace,
    };
    const policy = new Policy(
      name,
      {
        ...place,
        name,
        policyType: "TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration: {
          targetValue: billing.targetUtilization,
          predefinedMetricSpecification: { predefinedMetricType: METRICS[side] },
        },
      },
      options,
    );
    made.push(target, policy);
    const planned = billing.schedules.flatMap((entry) => {
      const range: CapacityRange | undefined = entry[side];
      return range ? [{ schedule: entry.schedule, range }] : [];
    });
    for (const [index, { schedule, range }] of planned.entries()) {
      const scheduled = `${name}-${index + 1}`;
      const scalableTargetAction = { minCapacity: range.min, maxCapacity: range.max };
      const action = { ...place, name: scheduled, schedule, scalableTargetAction };
      made.push(new ScheduledAction(scheduled, action, options));
    }
  }
  return made;
}
