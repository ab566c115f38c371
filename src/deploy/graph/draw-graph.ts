import { readAwsSettings } from "../aws-settings.ts";
import { isManagedTable, readDeclaredTable } from "../declared-tables.ts";
import type { DeclaredResource } from "../monitor.ts";
import { showKeys } from "../plan/table-facts.ts";
import { policyDocument, resourcesOf } from "../policy-document.ts";
import { computedOutputs } from "../resource-values.ts";
import { readScalingRanges, type ScalingByPlace, scalingPlace } from "../scaling-ranges.ts";
import { type ReplicasByTable, readTableReplicas } from "../table-replicas.ts";
import type { DeclaredTable } from "../table-state.ts";
import { Flowchart, type Shape } from "./mermaid.ts";

const FUNCTION = "aws:lambda/function:Function";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const KEY = "aws:kms/key:Key";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";

/** What is drawn besides tables, and how. */
const DRAWN: Readonly<Record<string, readonly [shape: Shape, what: string]>> = {
  [FUNCTION]: ["function", "Lambda function"],
  "aws:sqs/queue:Queue": ["queue", "queue"],
  "aws:sns/topic:Topic": ["queue", "topic"],
  "aws:iam/role:Role": ["role", "role"],
  "aws:backup/plan:Plan": ["plain", "backup plan"],
  "aws:cloudwatch/dashboard:Dashboard": ["plain", "dashboard"],
  "aws:budgets/budget:Budget": ["plain", "budget"],
};

const BILLING = { PAY_PER_REQUEST: "on-demand", PROVISIONED: "provisioned" } as const;

/** Draws one stack. */
class StackDrawing {
  readonly chart = new Flowchart();
  readonly #resources: readonly DeclaredResource[];
  readonly #region: string;
  readonly #scaling: ScalingByPlace;
  readonly #replicas: ReplicasByTable;
  /** What the URN stands for in other resources' inputs: an ARN, by which it is found. */
  readonly #arns: readonly (readonly [arn: string, urn: string])[];

  constructor(resources: readonly DeclaredResource[], region: string) {
    this.#resources = resources.filter(({ custom }) => custom);
    this.#region = region;
    this.#scaling = readScalingRanges(resources);
    this.#replicas = readTableReplicas(resources);
    this.#arns = this.#resources.map((resource) => [this.#arnOf(resource), resource.urn] as const);
  }

  draw(): string {
    for (const resource of this.#resources) {
      if (isManagedTable(resource)) this.#table(resource);
      const [shape, what] = DRAWN[resource.type] ?? [];
      if (shape && what) this.chart.node(resource.urn, shape, this.#nameOf(resource), what);
    }
    for (const resource of this.#ofType(MAPPING)) this.#mapping(resource);
    for (const resource of this.#ofType(SUBSCRIPTION)) this.#subscription(resource);
    this.#policies();
    this.#alarms();
    this.#backups();
    this.#keys();
    return this.chart.toString();
  }

  #ofType = (type: string) => this.#resources.filter((resource) => resource.type === type);

  #nameOf({ inputs, name }: DeclaredResource): string {
    return String(inputs.name ?? inputs.dashboardName ?? name);
  }

  #arnOf({ type, name, inputs }: DeclaredResource): string {
    return String(computedOutputs(type, name, inputs, this.#region).arn);
  }

  /** The nodes that a value names by ARN; the stream or an index of a table counts as the table. */
  #named(value: unknown): string[] {
    const text = JSON.stringify(value) ?? "";
    return this.#arns
      .filter(([arn]) => new RegExp(`${arn.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w.-])`).test(text))
      .map(([, urn]) => urn)
      .filter((urn) => this.chart.has(urn));
  }

  #table(resource: DeclaredResource): void {
    const table = readDeclaredTable(resource);
    const { chart } = this;
    const { urn } = table;
    chart.node(urn, "table", table.name, showKeys(table), this.#billing(table));
    for (const [name, { design }] of Object.entries(table.indexes)) {
      chart.node(`${urn}/index/${name}`, "index", name, showKeys(design));
      chart.link(urn, `${urn}/index/${name}`, "index");
    }
    for (const [name, design] of Object.entries(table.localIndexes)) {
      chart.node(`${urn}/index/${name}`, "index", name, showKeys(design));
      chart.link(urn, `${urn}/index/${name}`, "local index");
    }
    if (table.streamView) {
      chart.node(`${urn}/stream`, "stream", "stream", table.streamView);
      chart.link(urn, `${urn}/stream`, "changes");
    }
    for (const { region } of readAwsSettings(resource, this.#replicas).replicas) {
      chart.node(`${urn}/replica/${region}`, "table", table.name, region);
      chart.link(urn, `${urn}/replica/${region}`, "replicates to");
    }
  }

  #billing({ name, billing: { mode } }: DeclaredTable): string {
    return this.#scaling.has(scalingPlace(name)) ? "autoscaled" : BILLING[mode];
  }

  /** From the stream to its consumer, and from there to where failed records go. */
  #mapping({ inputs }: DeclaredResource): void {
    const consumers = this.#ofType(FUNCTION).filter(
      (candidate) =>
        this.#arnOf(candidate) === inputs.functionName || this.#nameOf(candidate) === inputs.functionName,
    );
    for (const { urn } of consumers) {
      for (const table of this.#named(inputs.eventSourceArn))
        this.chart.link(`${table}/stream`, urn, "batches");
      for (const queue of this.#named(inputs.destinationConfig))
        this.chart.link(urn, queue, "failed batches");
    }
  }

  #subscription({ urn, inputs }: DeclaredResource): void {
    this.chart.node(urn, "plain", String(inputs.protocol));
    for (const topic of this.#named(inputs.topic)) this.chart.link(topic, urn);
  }

  /** From each role to what its policies name, and to the functions that run as it. */
  #policies(): void {
    const roles = new Map(this.#ofType("aws:iam/role:Role").map((role) => [this.#nameOf(role), role]));
    for (const { inputs } of this.#ofType("aws:iam/rolePolicy:RolePolicy")) {
      const role = roles.get(String(inputs.role));
      const named = this.#named(resourcesOf(policyDocument(inputs.policy)));
      for (const urn of named) if (role) this.chart.link(role.urn, urn, "may use");
    }
    for (const { urn, inputs } of this.#ofType(FUNCTION)) {
      for (const role of this.#named(inputs.role)) this.chart.link(urn, role, "runs as");
    }
  }

  /** A key is drawn where it encrypts something that is; who may use that may use the key as well. */
  #keys(): void {
    for (const key of this.#ofType(KEY)) {
      const arn = this.#arnOf(key);
      for (const { urn, inputs } of this.#resources.filter((resource) => this.chart.has(resource.urn))) {
        const encrypted = [inputs.serverSideEncryption, inputs.kmsMasterKeyId, inputs.kmsKeyArn];
        if (!JSON.stringify(encrypted).includes(`"${arn}"`)) continue;
        this.chart.node(key.urn, "plain", this.#nameOf(key), "key");
        this.chart.link(key.urn, urn, "encrypts");
      }
    }
  }

  /** All alarms of one topic as one node, or every stack would be nothing but alarms. */
  #alarms(): void {
    const alarms = this.#ofType(ALARM);
    const byTopic = new Map<string, number>();
    for (const { inputs } of alarms) {
      const topics = this.#named(inputs.alarmActions);
      for (const topic of topics.length > 0 ? topics : [""])
        byTopic.set(topic, (byTopic.get(topic) ?? 0) + 1);
    }
    for (const [topic, count] of byTopic) {
      this.chart.node(`alarms ${topic}`, "alarm", count === 1 ? "1 alarm" : `${count} alarms`);
      this.chart.link(`alarms ${topic}`, topic, "tell");
    }
    const watched = this.#resources
      .filter(isManagedTable)
      .map((table) => [this.#nameOf(table), table.urn] as const);
    for (const { inputs } of alarms) {
      const text = JSON.stringify([inputs.dimensions, inputs.metricQueries]);
      const topics = this.#named(inputs.alarmActions);
      for (const [name, urn] of watched) {
        if (!text.includes(`"TableName":"${name}"`)) continue;
        for (const topic of topics.length > 0 ? topics : [""])
          this.chart.link(urn, `alarms ${topic}`, "watched by");
      }
    }
  }

  /** The tables that a selection takes: by ARN, or because they carry one of its tags. */
  #selected({ resources, selectionTags }: DeclaredResource["inputs"]): string[] {
    const wanted = (selectionTags ?? []) as readonly { key: string; value: string }[];
    const tagged = this.#resources.filter(isManagedTable).filter((table) => {
      const { tags } = readAwsSettings(table, this.#replicas);
      return wanted.some(({ key, value }) => tags[key] === value);
    });
    return [...this.#named(resources), ...tagged.map(({ urn }) => urn)];
  }

  /** A selection names its plan by id, which here is the plan's name. */
  #backups(): void {
    for (const { inputs } of this.#ofType("aws:backup/selection:Selection")) {
      const plans = this.#ofType("aws:backup/plan:Plan").filter(
        (plan) => this.#nameOf(plan) === inputs.planId,
      );
      for (const { urn } of plans) {
        for (const table of this.#selected(inputs)) this.chart.link(urn, table, "backs up");
        for (const role of this.#named(inputs.iamRoleArn)) this.chart.link(urn, role, "runs as");
      }
    }
  }
}

/**
 * Draws a stack as a Mermaid flowchart: tables with their indexes, streams and copies, who reads them, who
 * may use them, and who is told. Pure; the same resources give the same text, in whatever order they came.
 */
export function drawGraph(resources: readonly DeclaredResource[], region: string): string {
  return new StackDrawing(resources, region).draw();
}
