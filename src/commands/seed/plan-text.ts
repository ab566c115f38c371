import { counted, whole } from "../../counted.ts";
import { REQUEST_PRICES_AS_OF } from "../../dynamo/prices.ts";
import type { CapacityBasis } from "../../seed/plan/plan-load.ts";
import type { ReadEstimate } from "../../seed/prove/read-cost.ts";
import type { ShownPlan, ShownResource } from "./plan.ts";
import { readCostText } from "./text.ts";

const percent = (share: number) =>
  `${share < 0.1 ? (share * 100).toPrecision(2) : Math.round(share * 100)} %`;
const dollars = (price: number | undefined) =>
  price === undefined ? "price not known" : `$${price.toPrecision(2)}`;

/** What is loaded into what. */
interface Totals {
  readonly source: string;
  readonly table: string;
  readonly items: number;
  /** Items of the file that are left out, as others have their keys. */
  readonly superseded: number;
  readonly itemBytes: number;
  readonly writeUnits: number;
  readonly requests: number;
  /** Items that `replace` would delete. */
  readonly deletes: number | undefined;
}

const BASES: Record<CapacityBasis, string> = {
  rate: "the rate",
  provisioned: "what is provisioned",
  onDemandMaximum: "its on-demand maximum",
  warmThroughput: "its warm throughput",
  newTable: "what a new on-demand table takes at once",
};

function timeText(seconds: number): string {
  if (seconds < 1) return "less than a second";
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 2 * 3_600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}

const atLeast = (seconds: number) => (seconds < 1 ? "about a second" : `at least ${timeText(seconds)}`);

const nameOf = ({ index }: ShownResource) => (index === undefined ? "the table" : `index ${index}`);

function resourceLines(resource: ShownResource): string[] {
  const { items, writeUnits, pace, seconds, hottest, error, partitionKey } = resource;
  const atMost = error > 0 ? `, each up to ${whole(error)} units more` : "";
  const keys = hottest.map(
    ({ key, writeUnits: units, items: of, share }) =>
      `    ${percent(share)}: ${key} (${counted(of, "item")}, ${counted(units, "unit")})`,
  );
  return [
    `  ${nameOf(resource)}: ${counted(items, "item")}, ${counted(writeUnits, "write unit")}; ${timeText(seconds)} at ${whole(pace.unitsPerSecond)} a second, ${BASES[pace.basis]}`,
    ...(keys.length > 0 ? [`   the hottest values of ${partitionKey}${atMost}:`, ...keys] : []),
  ];
}

function warmLines(resource: ShownResource, table: string): string[] {
  const { warmThroughputNeeded: needed, atOnce, index, isThrottled, unitsPerSecond } = resource;
  if (!isThrottled) return [];
  const throttled = `  ${nameOf(resource)} takes ${whole(atOnce.unitsPerSecond)} write units a second at once, ${BASES[atOnce.basis]}: this load goes at ${whole(unitsPerSecond)}, and would be throttled on AWS`;
  if (needed === undefined) return [throttled];
  const warm = `WriteUnitsPerSecond=${needed}`;
  const option =
    index === undefined
      ? `--warm-throughput ${warm}`
      : `--global-secondary-index-updates 'Update={IndexName=${index},WarmThroughput={${warm}}}'`;
  return [
    throttled,
    `    set its warm throughput first: aws dynamodb update-table --table-name ${table} ${option}`,
  ];
}

function cappedLines(resource: ShownResource): string[] {
  if (!resource.isCappedByKey || resource.hottestKeySeconds < 1) return [];
  const [hottest] = resource.hottest;
  return [
    `  one partition key of ${nameOf(resource)} alone takes ${timeText(resource.hottestKeySeconds)}, at the 1,000 write units a second of a partition: ${hottest?.key}`,
  ];
}

function priceLines({ price }: ShownPlan): string[] {
  const { region, onDemand, provisioned } = price;
  const { writeUnitsPerSecond, hours, dollars: cost } = provisioned;
  return [
    `  on AWS in ${region} (prices of ${REQUEST_PRICES_AS_OF}): ${dollars(onDemand)} on demand; provisioned, ${whole(writeUnitsPerSecond)} write units a second for ${hours} h: ${dollars(cost)}`,
  ];
}

/**
 * What a load would do, as text.
 * @param about why the table is not known, where it is not, and what its proof would read
 */
export function planText(
  totals: Totals,
  plan: ShownPlan,
  { assumed, reads }: { readonly assumed: string | undefined; readonly reads: ReadEstimate | undefined },
): string {
  const { source, table, items, superseded, itemBytes, writeUnits, requests, deletes } = totals;
  const left = superseded > 0 ? `; ${counted(superseded, "other")} superseded` : "";
  const { resources } = plan;
  return [
    `would load ${source} into ${table}: ${counted(items, "item")}, ${counted(itemBytes, "byte")}${left}`,
    `  about ${counted(requests, "request")} and ${counted(writeUnits, "write unit")}, indexes included; ${atLeast(plan.seconds)} on AWS; nothing was written`,
    ...(deletes === undefined
      ? []
      : [`  would delete ${counted(deletes, "item")} whose keys are not in the file`]),
    ...(assumed === undefined
      ? []
      : [`  assumed: a new table on demand, as the real one could not be looked at (${assumed})`]),
    ...resources.flatMap(resourceLines),
    ...resources.flatMap(cappedLines),
    ...resources.flatMap((resource) => warmLines(resource, table)),
    ...priceLines(plan),
    ...(reads ? [`  ${readCostText(reads)}`] : []),
  ].join("\n");
}
