import { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import * as pulumi from "@pulumi/pulumi";
import { type Tags, tagArgs } from "../naming.ts";
import type { AlarmRule } from "./alarm-rules.ts";
import type { Metric } from "./metrics.ts";

/** Where an alarm belongs. */
export interface AlarmPlace {
  /** Put before the rule's name, in the program. */
  readonly logicalPrefix: string;
  /** Put before the rule's name, on AWS. */
  readonly physicalPrefix: pulumi.Input<string>;
  readonly topicArn: pulumi.Input<string>;
  readonly tags?: Tags | undefined;
}

/** Seconds. DynamoDB publishes some metrics once in five minutes only. */
const PERIOD = 300;

const queryOf = (id: string, { namespace, metricName, statistic: stat, dimensions }: Metric) => ({
  id,
  metric: { namespace, metricName, stat, dimensions, period: PERIOD },
  returnData: false,
});

function watchedArgs({ watches, name }: AlarmRule) {
  if ("metric" in watches) {
    const { namespace, metricName, statistic, dimensions } = watches.metric;
    return { namespace, metricName, statistic, dimensions, period: PERIOD };
  }
  return {
    metricQueries: [
      { id: "watched", expression: watches.expression, label: name, returnData: true },
      ...Object.entries(watches.metrics).map(([id, metric]) => queryOf(id, metric)),
    ],
  };
}

/** Makes an alarm that tells the topic when it goes off and when all is well again. */
export function makeAlarm(
  rule: AlarmRule,
  { logicalPrefix, physicalPrefix, topicArn, tags }: AlarmPlace,
  options: pulumi.CustomResourceOptions,
): MetricAlarm {
  return new MetricAlarm(
    `${logicalPrefix}-${rule.name}`,
    {
      name: pulumi.interpolate`${physicalPrefix}-${rule.name}`,
      alarmDescription: rule.description,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: rule.threshold,
      evaluationPeriods: rule.periods,
      datapointsToAlarm: rule.periods,
      // CloudWatch gets no data for what does not happen.
      treatMissingData: "notBreaching",
      actionsEnabled: true,
      alarmActions: [topicArn],
      okActions: [topicArn],
      ...watchedArgs(rule),
      ...tagArgs(tags),
    },
    options,
  );
}
