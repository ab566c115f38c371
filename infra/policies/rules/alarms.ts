import { ofType, resourceRule, stackRule, unless } from "./define.ts";
import { TABLE, type TableProps } from "./dynamodb.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

interface Metric {
  readonly metricName?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}

interface AlarmProps extends Metric {
  readonly metricQueries?: readonly { readonly metric?: Metric }[];
  readonly actionsEnabled?: boolean;
  readonly alarmActions?: readonly string[];
}

const actions = resourceRule<AlarmProps>({
  id: "cloudwatch-alarm-actions",
  controls: ["CloudWatch.15", "CloudWatch.17", "CKV_AWS_319"],
  description: "An alarm tells somebody.",
  severity: "high",
  types: [ALARM],
  problems: ({ name, props: { actionsEnabled = true, alarmActions = [] } }) =>
    unless(actionsEnabled && alarmActions.length > 0, `The alarm ${name} must have actions, switched on.`),
});

/** A metric with what it is of: `ReadThrottleEvents quick-photos InvertedIndex`. */
const keyOf = ({ metricName, dimensions = {} }: Metric) =>
  [metricName, dimensions.TableName, dimensions.GlobalSecondaryIndexName].filter(Boolean).join(" ");

const THROTTLING = ["ReadThrottleEvents", "WriteThrottleEvents"];

/** What must be watched of a table: throttling, there and in each index, and DynamoDB's own errors. */
const neededBy = ({ name, globalSecondaryIndexes = [] }: TableProps) => [
  `SystemErrors ${name}`,
  ...THROTTLING.map((metric) => `${metric} ${name}`),
  ...globalSecondaryIndexes.flatMap((index) => THROTTLING.map((metric) => `${metric} ${name} ${index.name}`)),
];

const tables = stackRule({
  id: "dynamodb-alarms",
  controls: [],
  description: "Somebody hears of throttled requests of a table or an index, and of system errors.",
  severity: "medium",
  problems: (resources) => {
    const watched = new Set(
      ofType<AlarmProps>(resources, ALARM).flatMap(({ props }) => [
        keyOf(props),
        ...(props.metricQueries ?? []).flatMap(({ metric }) => (metric ? [keyOf(metric)] : [])),
      ]),
    );
    return ofType<TableProps>(resources, TABLE).flatMap(({ name, urn, props }) => {
      const missing = neededBy(props).filter((metric) => !watched.has(metric));
      const message = `The table ${name} must have alarms: set alarms to true. Nothing watches ${missing.join(", ")}.`;
      return missing.length === 0 ? [] : [{ message, urn }];
    });
  },
});

export const alarmRules = [actions, tables];
