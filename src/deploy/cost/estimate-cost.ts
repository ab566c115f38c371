import { isManagedTable } from "../declared-tables.ts";
import type { DeclaredResource } from "../monitor.ts";
import { readScalingRanges } from "../scaling-ranges.ts";
import { readTableReplicas } from "../table-replicas.ts";
import { type CostLine, type CostRange, CostSheet, type Uncounted } from "./cost-lines.ts";
import { PRICES, type PriceTable } from "./price-table.ts";
import { addAlarmCost, addResourceCost, BATCH_SECONDS } from "./resource-cost.ts";
import { addTableCost, IDLE, type Traffic } from "./table-cost.ts";

/** What to estimate. */
export interface EstimateOptions {
  readonly region: string;
  /** The physical name of the table that the traffic goes to; every other table is taken to be idle. */
  readonly table: string;
  readonly traffic: Traffic;
  /** @default the prices that come with this package */
  readonly prices?: PriceTable;
}

/** What a stack is thought to cost in a month, in US dollars. */
export interface Estimate {
  readonly region: string;
  readonly table: string;
  readonly traffic: Traffic;
  /** False where no prices of the region are known: then nothing of it is counted. */
  readonly priced: boolean;
  readonly lines: readonly CostLine[];
  readonly monthly: number;
  readonly range: CostRange;
  readonly uncounted: readonly Uncounted[];
  /** What was taken for granted, in words. */
  readonly assumptions: readonly string[];
  readonly prices: { readonly asOf: string; readonly source: string; readonly regions: readonly string[] };
}

const ASSUMPTIONS = [
  "a read is one unit (4 KB, consistent; half of one where it is not), a write is one unit (1 KB; two in a transaction)",
  "every write changes every index; an index is as large as its table",
  "reads go to the table itself, and the traffic is the same at every hour",
  `a consumer works ${BATCH_SECONDS} s on a batch, of one record at worst and full at best`,
  "other tables are idle; a month has 730 hours; no free tier, savings plan or tax",
];

const sum = (numbers: readonly number[]) => numbers.reduce((total, next) => total + next, 0);

/**
 * Estimates what a program's resources cost in a month. Pure: prices come from a table of a certain date,
 * and what has no price there is named, not guessed.
 */
export function estimateCost(
  resources: readonly DeclaredResource[],
  { region, table, traffic, prices = PRICES }: EstimateOptions,
): Estimate {
  const sheet = new CostSheet();
  const ofRegion = prices.regions[region];
  if (ofRegion) {
    const scaling = readScalingRanges(resources);
    const replicas = readTableReplicas(resources);
    const inOrder = [...resources].sort((one, other) => (one.urn < other.urn ? -1 : 1));
    for (const resource of inOrder.filter(isManagedTable)) {
      const own = resource.inputs.name === table ? traffic : IDLE;
      addTableCost(sheet, resource, { scaling, replicas, traffic: own, region, prices });
    }
    addAlarmCost(sheet, resources, ofRegion);
    for (const resource of inOrder)
      addResourceCost(sheet, resource, { resources, prices: ofRegion, traffic });
  } else {
    sheet.leaveOut("everything", `no prices are known for ${region}`);
  }
  const { lines } = sheet;
  return {
    region,
    table,
    traffic,
    priced: ofRegion !== undefined,
    lines,
    monthly: sum(lines.map(({ monthly }) => monthly)),
    range: {
      least: sum(lines.map(({ monthly, range }) => range?.least ?? monthly)),
      most: sum(lines.map(({ monthly, range }) => range?.most ?? monthly)),
    },
    uncounted: sheet.uncounted,
    assumptions: ASSUMPTIONS,
    prices: { asOf: prices.asOf, source: prices.source, regions: Object.keys(prices.regions) },
  };
}
