import { Dashboard } from "@pulumi/aws/cloudwatch/dashboard.js";
import * as pulumi from "@pulumi/pulumi";
import { region } from "../account.ts";
import { withoutDots } from "../naming.ts";
import type { TableStore } from "../table-store/table-store.ts";
import {
  consumedUnits,
  functionErrors,
  iteratorAge,
  type Metric,
  OPERATIONS,
  provisionedUnits,
  replicationLatency,
  requestLatency,
  SIDES,
  type Side,
  systemErrors,
  throttleEvents,
  waitingMessages,
} from "./metrics.ts";
import { type NamedPlace, placesOf, type WatchedConsumer } from "./watched.ts";

/** What a dashboard shows. */
export interface DashboardArgs {
  readonly physicalName: string;
  readonly tables: readonly TableStore[];
  readonly consumer?: WatchedConsumer | undefined;
  /** Shown with their state. @default none */
  readonly alarmArns?: readonly pulumi.Input<string>[];
}

/** One line of a graph: a metric, or an expression over the metrics beside it. */
type Line = { readonly metric: Metric; readonly options?: object } | { readonly expression: object };

const lineOf = (line: Line) =>
  "expression" in line
    ? [line.expression]
    : [
        line.metric.namespace,
        line.metric.metricName,
        ...Object.entries(line.metric.dimensions).flat(),
        { stat: line.metric.statistic, ...line.options },
      ];

/** A graph, half as wide as the dashboard; CloudWatch places widgets that have no place. */
const graph = (title: string, lines: readonly Line[]) => ({
  type: "metric",
  width: 12,
  height: 6,
  properties: {
    title,
    region: region(),
    view: "timeSeries",
    period: 300,
    metrics: lines.map(lineOf),
    yAxis: { left: { min: 0 } },
  },
});

/** Units a second that are used, beside those that are paid for. */
function capacityGraph({ name, place, billing }: NamedPlace, side: Side) {
  const consumed = { metric: consumedUnits(side, place), options: { id: "consumed", visible: false } };
  const perSecond = { expression: { expression: "consumed / PERIOD(consumed)", label: "consumed" } };
  const provisioned = { metric: provisionedUnits(side, place), options: { label: "provisioned" } };
  return graph(`${name}: ${side.toLowerCase()} units a second`, [
    consumed,
    perSecond,
    ...(billing.mode === "on-demand" ? [] : [provisioned]),
  ]);
}

function tableGraphs(store: TableStore) {
  const { name: tableName, design, replicaRegions } = store;
  const places = placesOf(store);
  const throttled = places.flatMap(({ name, place }) =>
    SIDES.map((side) => ({
      metric: throttleEvents(side, place),
      options: { label: `${name} ${side.toLowerCase()}s` },
    })),
  );
  const perOperation = (metricOf: typeof systemErrors) =>
    OPERATIONS.map((operation) => ({
      metric: metricOf(tableName, operation),
      options: { label: operation },
    }));
  const replication = replicaRegions.map((receiving) => ({
    metric: replicationLatency(tableName, receiving),
    options: { label: receiving },
  }));
  return [
    ...places.flatMap((named) => SIDES.map((side) => capacityGraph(named, side))),
    graph(`${design.model}: throttled`, throttled),
    graph(`${design.model}: milliseconds by operation`, perOperation(requestLatency)),
    graph(`${design.model}: system errors`, perOperation(systemErrors)),
    ...(replication.length > 0 ? [graph(`${design.model}: milliseconds to other regions`, replication)] : []),
  ];
}

const consumerGraphs = ({ functionName, deadLetterQueueName }: WatchedConsumer) => [
  graph("stream: milliseconds behind", [{ metric: iteratorAge(functionName) }]),
  graph("stream: errors and dead letters", [
    { metric: functionErrors(functionName), options: { label: "errors" } },
    { metric: waitingMessages(deadLetterQueueName), options: { label: "dead letters" } },
  ]),
];

const alarmsWidget = (alarms: readonly pulumi.Input<string>[]) => ({
  type: "alarm",
  width: 24,
  height: 3,
  properties: { title: "Alarms", alarms },
});

/**
 * A dashboard of the tables, their indexes and the stream consumer.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function makeDashboard(
  name: string,
  { physicalName, tables, consumer, alarmArns = [] }: DashboardArgs,
  options: pulumi.CustomResourceOptions,
): Dashboard {
  const widgets = [
    ...(alarmArns.length > 0 ? [alarmsWidget(alarmArns)] : []),
    ...tables.flatMap(tableGraphs),
    ...(consumer ? consumerGraphs(consumer) : []),
  ];
  const dashboardBody = pulumi.jsonStringify({ widgets });
  return new Dashboard(name, { dashboardName: withoutDots(physicalName), dashboardBody }, options);
}
