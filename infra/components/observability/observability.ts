import type { MetricAlarm } from "@pulumi/aws/cloudwatch/metricAlarm.js";
import * as pulumi from "@pulumi/pulumi";
import type { AlarmConfig } from "../../config.ts";
import type { Tags } from "../naming.ts";
import type { TableStore } from "../table-store/table-store.ts";
import { makeAlarm } from "./alarm.ts";
import { type AlarmRule, backupAlarms, consumerAlarms, tableAlarms } from "./alarm-rules.ts";
import { costBudget } from "./budget.ts";
import { makeDashboard } from "./dashboard.ts";
import { alarmTopic } from "./topic.ts";
import type { WatchedConsumer } from "./watched.ts";

export type { WatchedConsumer } from "./watched.ts";

/** What an {@link Observability} is made from. */
export interface ObservabilityArgs {
  /** What the topic, the dashboard and the budget are called after: the app's table. */
  readonly physicalName: string;
  readonly tables: readonly TableStore[];
  /** @default no stream consumer is watched */
  readonly consumer?: WatchedConsumer | undefined;
  /** The vault of a backup plan. @default no backups are watched */
  readonly backupVaultName?: pulumi.Input<string> | undefined;
  /** When alarms go off, and whom they tell. @default no alarms */
  readonly alarms?: AlarmConfig | undefined;
  /** @default false */
  readonly dashboard?: boolean | undefined;
  /** US dollars. Wants alarms: it tells their topic. @default no budget */
  readonly monthlyBudgetUsd?: number | undefined;
  /** Of everything here; the budget counts what carries them. @default none */
  readonly tags?: Tags | undefined;
}

/**
 * Alarms on tables, indexes, replicas, the stream consumer and backups, the topic that they tell, a budget, and a
 * dashboard of the same metrics.
 *
 * @example
 * new Observability("watch", { physicalName: "prod-orders", tables: [orders], alarms: config.alarms });
 */
export class Observability extends pulumi.ComponentResource {
  /** Where the alarms and the budget go; undefined where there are no alarms. */
  readonly topicArn: pulumi.Output<string> | undefined;
  readonly #alarms: readonly MetricAlarm[];

  constructor(name: string, args: ObservabilityArgs, options?: pulumi.ComponentResourceOptions) {
    super("tablewright:infra:Observability", name, {}, options);
    const { physicalName, tables, consumer, alarms, dashboard, monthlyBudgetUsd, tags } = args;
    const child = { parent: this };
    if (alarms) {
      const topicArn = alarmTopic(
        name,
        { physicalName: `${physicalName}-alarms`, email: alarms.email, tags },
        child,
      );
      this.topicArn = topicArn;
      this.#alarms = this.#makeAlarms(args, alarms, topicArn);
      if (monthlyBudgetUsd !== undefined) {
        const budget = { physicalName, monthlyUsd: monthlyBudgetUsd, topicArn, tags };
        costBudget(name, budget, child);
      }
    } else {
      this.#alarms = [];
    }
    if (dashboard) {
      const alarmArns = this.#alarms.map(({ arn }) => arn);
      makeDashboard(name, { physicalName, tables, consumer, alarmArns }, child);
    }
    this.registerOutputs({ topicArn: this.topicArn });
  }

  #makeAlarms(
    { physicalName, tables, consumer, backupVaultName, tags }: ObservabilityArgs,
    config: AlarmConfig,
    topicArn: pulumi.Output<string>,
  ): MetricAlarm[] {
    const make = (
      rules: readonly AlarmRule[],
      logicalPrefix: string,
      physicalPrefix: pulumi.Input<string> = physicalName,
    ) =>
      rules.map((rule) =>
        makeAlarm(rule, { logicalPrefix, physicalPrefix, topicArn, tags }, { parent: this }),
      );
    return [
      ...tables.flatMap((store) => make(tableAlarms(store, config), store.design.model, store.name)),
      ...(consumer ? make(consumerAlarms(consumer, config), "consumer") : []),
      ...(backupVaultName === undefined ? [] : make(backupAlarms(backupVaultName), "backups")),
    ];
  }
}
