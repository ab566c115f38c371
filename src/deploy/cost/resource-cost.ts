import type { DeclaredResource } from "../monitor.ts";
import { metricsOf } from "../plan/resource-facts.ts";
import type { CostSheet } from "./cost-lines.ts";
import type { RegionPrices } from "./price-table.ts";
import { SECONDS, type Traffic } from "./table-cost.ts";

/** What the price of a resource depends on. */
export interface CostContext {
  readonly resources: readonly DeclaredResource[];
  readonly prices: RegionPrices;
  readonly traffic: Traffic;
}

type AddCost = (sheet: CostSheet, resource: DeclaredResource, context: CostContext) => void;

const MILLION = 1_000_000;

/** Target tracking makes four alarms of its own for each policy of a table or index. */
const ALARMS_OF_A_POLICY = 4;

/** How long a consumer is taken to work on one batch. */
export const BATCH_SECONDS = 0.1;

const ofType = ({ resources }: CostContext, type: string) =>
  resources.filter((resource) => resource.type === type);

/** Every so many days, by the fields of a cron expression of AWS: minutes hours day-of-month month day-of-week year. */
function daysBetween(schedule: unknown): number {
  const [, , dayOfMonth = "*", , dayOfWeek = "?"] = String(schedule)
    .replace(/^cron\(|\)$/g, "")
    .split(" ");
  if (/^\d+$/.test(dayOfMonth)) return 30;
  return /^[A-Z\d]+$/.test(dayOfWeek) ? 7 : 1;
}

interface BackupRule {
  readonly schedule?: unknown;
  readonly lifecycle?: { readonly deleteAfter?: number };
}

const addBackups: AddCost = (sheet, { name, inputs }, { prices, traffic }) => {
  for (const { schedule, lifecycle } of (inputs.rules ?? []) as BackupRule[]) {
    const days = lifecycle?.deleteAfter;
    if (days === undefined) {
      sheet.leaveOut(name, "backups that are kept for good, and grow without end");
      continue;
    }
    const copies = Math.max(1, Math.floor(days / daysBetween(schedule)));
    const gigabytes = copies * traffic.storageGb;
    const quantity = `${copies} copies of ${traffic.storageGb} GB`;
    if (traffic.storageGb > 0) sheet.add(name, "backups", quantity, gigabytes, prices.backup);
  }
};

/** A consumer is called with one record in the worst case, and with full batches in the best. */
const addConsumer: AddCost = (sheet, { name, inputs }, context) => {
  const { prices, traffic } = context;
  const mappings = ofType(context, "aws:lambda/eventSourceMapping:EventSourceMapping");
  if (mappings.length === 0 || traffic.writesPerSecond === 0) return;
  const [architecture = "x86_64"] = (inputs.architectures ?? []) as ("x86_64" | "arm64")[];
  const gigabytes = Number(inputs.memorySize ?? 128) / 1024;
  const price =
    prices.invocations / MILLION + BATCH_SECONDS * gigabytes * prices.functionSecond[architecture];
  const most = traffic.writesPerSecond * SECONDS;
  const least = most / Number(mappings[0]?.inputs.batchSize ?? 1);
  sheet.addRange(
    name,
    "invocations",
    `${traffic.writesPerSecond}/s at most`,
    { amount: most, least, most },
    price,
  );
};

const byUse =
  (what: string): AddCost =>
  (sheet, { name }) =>
    sheet.leaveOut(name, what);

/** By the resource's type. What is not here is free, or counted with the table. */
const COSTS: Readonly<Record<string, AddCost>> = {
  "aws:cloudwatch/dashboard:Dashboard": (sheet, { name }, { prices }) =>
    sheet.add(name, "dashboard", "1", 1, prices.dashboard),
  "aws:kms/key:Key": (sheet, { name }, { prices }) => sheet.add(name, "customer key", "1", 1, prices.key),
  "aws:backup/plan:Plan": addBackups,
  "aws:lambda/function:Function": addConsumer,
  "aws:cloudwatch/logGroup:LogGroup": byUse("log lines, by the GB"),
  "aws:sqs/queue:Queue": byUse("requests of the queue, by the million"),
  "aws:sns/topic:Topic": byUse("messages of the topic, by the million"),
  "aws:dynamodb/contributorInsights:ContributorInsights": byUse("contributor insights, by the event"),
  "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination": byUse(
    "changes sent to Kinesis, by the unit, and the Kinesis stream itself",
  ),
};

/** Adds what the alarms cost, those of autoscaling too: by the metrics that they watch. */
export function addAlarmCost(
  sheet: CostSheet,
  resources: readonly DeclaredResource[],
  { alarmMetric }: RegionPrices,
): void {
  const all = (type: string) => resources.filter((resource) => resource.type === type);
  const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm").flatMap(({ inputs }) => metricsOf(inputs));
  const scaling = all("aws:appautoscaling/policy:Policy").length * ALARMS_OF_A_POLICY;
  if (alarms.length > 0)
    sheet.add("alarms", "declared", `${alarms.length} metrics`, alarms.length, alarmMetric);
  if (scaling > 0) sheet.add("alarms", "of autoscaling", `${scaling} metrics`, scaling, alarmMetric);
}

/** Adds what a resource costs that is neither a table nor an alarm. */
export function addResourceCost(sheet: CostSheet, resource: DeclaredResource, context: CostContext): void {
  COSTS[resource.type]?.(sheet, resource, context);
}
