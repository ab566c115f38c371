import type { Input } from "@pulumi/pulumi";
import type { AlarmConfig, Billing } from "../../config.ts";
import type { TableStore } from "../table-store/table-store.ts";
import {
  consumedUnits,
  failedBackups,
  iteratorAge,
  type Metric,
  OPERATIONS,
  provisionedUnits,
  replicationLatency,
  SIDES,
  type Side,
  systemErrors,
  throttleEvents,
  waitingMessages,
} from "./metrics.ts";
import { type NamedPlace, placesOf, type WatchedConsumer } from "./watched.ts";

/** When one alarm goes off: a metric, or an expression over several, is at or above a threshold. */
export interface AlarmRule {
  /** Unique among the alarms of one table; the table's name is put before it. */
  readonly name: string;
  /** What is wrong, and what to do: it is all that the message says. */
  readonly description: string;
  readonly threshold: number;
  /** Periods of five minutes in a row. */
  readonly periods: number;
  readonly watches:
    | { readonly metric: Metric }
    | { readonly expression: string; readonly metrics: Readonly<Record<string, Metric>> };
}

/** `read-throttled` of a table, `InvertedIndex-read-throttled` of its index. */
const nameOf = ({ place: { indexName } }: NamedPlace, side: Side, what: string) =>
  [indexName, side.toLowerCase(), what].filter(Boolean).join("-");

function throttling(named: NamedPlace, side: Side, config: AlarmConfig): AlarmRule {
  const { name, place } = named;
  return {
    name: nameOf(named, side, "throttled"),
    description: `${side}s of ${name} are throttled: raise its capacity or caps, or look in contributor insights for a hot key.`,
    threshold: config.throttledRequests,
    periods: 1,
    watches: { metric: throttleEvents(side, place) },
  };
}

/** Units a second that an on-demand table or index may use: its own cap, or the account's quota. */
function onDemandLimit(billing: Extract<Billing, { mode: "on-demand" }>, side: Side, config: AlarmConfig) {
  return side === "Read"
    ? (billing.maxReadUnits ?? config.accountReadCapacity)
    : (billing.maxWriteUnits ?? config.accountWriteCapacity);
}

/** Fifteen minutes, so that an autoscaler that does its work raises no alarm. */
const SCALING_PERIODS = 3;

function consumption(named: NamedPlace, side: Side, config: AlarmConfig): AlarmRule {
  const { name, place, billing } = named;
  const consumed = consumedUnits(side, place);
  const share = (limit: string | number) => `100 * consumed / PERIOD(consumed) / ${limit}`;
  return {
    name: nameOf(named, side, "capacity"),
    description: `${name} uses ${config.consumedCapacityPercent} percent of the ${side.toLowerCase()} capacity that it may: raise it before requests are throttled.`,
    threshold: config.consumedCapacityPercent,
    periods: SCALING_PERIODS,
    watches:
      billing.mode === "on-demand"
        ? { expression: share(onDemandLimit(billing, side, config)), metrics: { consumed } }
        : {
            expression: share("provisioned"),
            metrics: { consumed, provisioned: provisionedUnits(side, place) },
          },
  };
}

function failures({ design, name: tableName }: TableStore, config: AlarmConfig): AlarmRule {
  const metrics = OPERATIONS.map((operation) => [
    operation.toLowerCase(),
    systemErrors(tableName, operation),
  ]);
  return {
    name: "system-errors",
    description: `DynamoDB itself fails requests to ${design.model}: see the AWS Health Dashboard; clients retry meanwhile.`,
    threshold: config.systemErrors,
    periods: 1,
    watches: { expression: "SUM(METRICS())", metrics: Object.fromEntries(metrics) },
  };
}

function replication(
  { design, name: tableName }: TableStore,
  region: string,
  config: AlarmConfig,
): AlarmRule {
  return {
    name: `replication-${region}`,
    description: `Writes to ${design.model} reach ${region} late: see the AWS Health Dashboard, and the write capacity of the replica.`,
    threshold: config.replicationLatencySeconds * 1000,
    periods: SCALING_PERIODS,
    watches: { metric: replicationLatency(tableName, region) },
  };
}

/** The alarms of one table, its indexes and its replicas. */
export function tableAlarms(store: TableStore, config: AlarmConfig): AlarmRule[] {
  return [
    ...placesOf(store).flatMap((named) =>
      SIDES.flatMap((side) => [throttling(named, side, config), consumption(named, side, config)]),
    ),
    failures(store, config),
    ...store.replicaRegions.map((region) => replication(store, region, config)),
  ];
}

/** The alarms of the stream consumer. */
export function consumerAlarms(consumer: WatchedConsumer, config: AlarmConfig): AlarmRule[] {
  return [
    {
      name: "stream-iterator-age",
      description:
        "The stream consumer lags behind; records are gone after 24 hours: see its errors, its duration and its concurrency.",
      threshold: config.iteratorAgeSeconds * 1000,
      periods: 1,
      watches: { metric: iteratorAge(consumer.functionName) },
    },
    {
      name: "stream-dead-letters",
      description:
        "Records of the stream could not be handled: read the dead-letter queue and mend the consumer within 24 hours, while the stream still has them.",
      threshold: 1,
      periods: 1,
      watches: { metric: waitingMessages(consumer.deadLetterQueueName) },
    },
  ];
}

/** The alarms of the backups in a vault. */
export function backupAlarms(vaultName: Input<string>): AlarmRule[] {
  return [
    {
      name: "backup-failed",
      description:
        "A daily backup failed: AWS Backup says why under Jobs; mend it, and start that table's backup by hand.",
      threshold: 1,
      periods: 1,
      watches: { metric: failedBackups(vaultName) },
    },
  ];
}
