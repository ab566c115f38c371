import { type AwsSettings, type OnDemandLimits, readAwsSettings } from "../aws-settings.ts";
import { readDeclaredTable } from "../declared-tables.ts";
import type { DeclaredResource } from "../monitor.ts";
import { type ScalingByPlace, type ScalingRange, scalingPlace } from "../scaling-ranges.ts";
import type { ReplicasByTable } from "../table-replicas.ts";
import type { Capacity, DeclaredTable } from "../table-state.ts";
import type { CostSheet } from "./cost-lines.ts";
import type { ClassPrices, PriceTable, RegionPrices } from "./price-table.ts";

/** What a table is used for. One read or write is one unit: 4 KB read consistently, 1 KB written. */
export interface Traffic {
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  /** Of the table itself, without its indexes. */
  readonly storageGb: number;
}

/** A table that nobody uses. */
export const IDLE: Traffic = { readsPerSecond: 0, writesPerSecond: 0, storageGb: 0 };

/** AWS bills a month as 730 hours. */
const HOURS = 730;
export const SECONDS = HOURS * 3600;
const MILLION = 1_000_000;

/** The table, or one of its indexes: what is billed by itself. */
interface Billed {
  readonly label: string;
  readonly place: string;
  readonly capacity: Capacity | undefined;
  readonly limits: OnDemandLimits;
  readonly reads: number;
  readonly writes: number;
}

const rate = (perSecond: number) => `${perSecond}/s`;

/** The units that autoscaling settles at: what is used is the target percentage of them. */
function settledUnits({ min, max, targetPercent = 70 }: ScalingRange, used: number): number {
  return Math.min(max, Math.max(min, Math.ceil((used * 100) / targetPercent)));
}

/** What the price of a table depends on, besides itself. */
export interface TableCostContext {
  readonly scaling: ScalingByPlace;
  readonly replicas: ReplicasByTable;
  readonly traffic: Traffic;
  readonly region: string;
  readonly prices: PriceTable;
}

class TableCost {
  readonly #sheet: CostSheet;
  readonly #table: DeclaredTable;
  readonly #aws: AwsSettings;
  readonly #scaling: ScalingByPlace;
  readonly #traffic: Traffic;

  constructor(
    resource: DeclaredResource,
    { scaling, replicas, traffic }: Pick<TableCostContext, "scaling" | "replicas" | "traffic">,
    sheet: CostSheet,
  ) {
    this.#table = readDeclaredTable(resource);
    this.#aws = readAwsSettings(resource, replicas);
    this.#scaling = scaling;
    this.#traffic = traffic;
    this.#sheet = sheet;
  }

  /** The table in its own region, and then each copy. */
  add(region: string, prices: PriceTable): void {
    const own = prices.regions[region];
    if (own) this.#addRegion(own, "", this.#traffic.readsPerSecond, this.#aws.recoveryDays > 0);
    for (const { region: copy, pointInTimeRecovery } of this.#aws.replicas) {
      const there = prices.regions[copy];
      if (there) this.#addRegion(there, ` in ${copy}`, 0, pointInTimeRecovery);
      else this.#sheet.leaveOut(this.#table.name, `the copy in ${copy}: no prices are known for this region`);
      this.#sheet.leaveOut(this.#table.name, `data transfer to ${copy}, and reads there`);
    }
    const { read, write } = this.#aws.warmThroughput;
    if (read !== undefined || write !== undefined) {
      this.#sheet.leaveOut(this.#table.name, "warm throughput, which is paid once as it is raised");
    }
  }

  /** A write of the table is a write of each index that holds the item, local ones too. */
  #billed(reads: number): Billed[] {
    const { name, billing, indexes } = this.#table;
    const { onDemandLimits, indexOnDemandLimits } = this.#aws;
    const { writesPerSecond: writes } = this.#traffic;
    const locals = Object.keys(this.#table.localIndexes).length;
    return [
      {
        label: "table",
        place: scalingPlace(name),
        capacity: billing.mode === "PROVISIONED" ? billing.capacity : undefined,
        limits: onDemandLimits,
        reads,
        writes: writes * (1 + locals),
      },
      ...Object.entries(indexes).map(([index, { capacity }]) => ({
        label: index,
        place: scalingPlace(name, index),
        capacity,
        limits: indexOnDemandLimits[index] ?? {},
        reads: 0,
        writes,
      })),
    ];
  }

  #addRegion(prices: RegionPrices, where: string, reads: number, recovers: boolean): void {
    const ofClass = this.#aws.tableClass === "STANDARD" ? prices.standard : prices.infrequentAccess;
    for (const billed of this.#billed(reads)) {
      if (billed.capacity) this.#addCapacity(billed, billed.capacity, ofClass, where);
      else this.#addRequests(billed, ofClass, where);
    }
    this.#addStorage(ofClass, where);
    const { storageGb } = this.#traffic;
    // Indexes that are global are not part of it (docs: "Point-in-time recovery: how it works").
    const gigabytes = storageGb * (1 + Object.keys(this.#table.localIndexes).length);
    if (recovers && gigabytes > 0)
      this.#line(`recovery${where}`, `${gigabytes} GB`, gigabytes, prices.recovery);
  }

  #addRequests({ label, limits, reads, writes }: Billed, prices: ClassPrices, where: string): void {
    const read = Math.min(reads, limits.read ?? Number.POSITIVE_INFINITY);
    const written = Math.min(writes, limits.write ?? Number.POSITIVE_INFINITY);
    if (read > 0) {
      this.#line(`${label}: reads${where}`, rate(read), (read * SECONDS) / MILLION, prices.readRequests);
    }
    if (written > 0) {
      const amount = (written * SECONDS) / MILLION;
      this.#line(`${label}: writes${where}`, rate(written), amount, prices.writeRequests);
    }
  }

  #addCapacity(
    { label, place, reads, writes }: Billed,
    capacity: Capacity,
    prices: ClassPrices,
    where: string,
  ) {
    const ranges = this.#scaling.get(place);
    const sides = [
      {
        side: "read",
        units: capacity.read,
        used: reads,
        range: ranges?.read,
        price: prices.readCapacityHour,
      },
      {
        side: "write",
        units: capacity.write,
        used: writes,
        range: ranges?.write,
        price: prices.writeCapacityHour,
      },
    ];
    for (const { side, units, used, range, price } of sides) {
      const settled = range ? settledUnits(range, used) : units;
      const quantity = range ? `${settled} of ${range.min} to ${range.max}` : String(settled);
      const hours = (count: number) => count * HOURS;
      const amounts = {
        amount: hours(settled),
        least: hours(range?.min ?? settled),
        most: hours(range?.max ?? settled),
      };
      this.#sheet.addRange(this.#table.name, `${label}: ${side} units${where}`, quantity, amounts, price);
    }
  }

  #addStorage({ storage }: ClassPrices, where: string): void {
    const { indexes, localIndexes } = this.#table;
    const copies = 1 + Object.keys(indexes).length + Object.keys(localIndexes).length;
    const gigabytes = this.#traffic.storageGb * copies;
    if (gigabytes > 0) this.#line(`storage${where}`, `${gigabytes} GB with indexes`, gigabytes, storage);
  }

  #line(item: string, quantity: string, amount: number, price: number | undefined): void {
    this.#sheet.add(this.#table.name, item, quantity, amount, price);
  }
}

/** Adds what one table costs, with its indexes and its copies in other regions. */
export function addTableCost(sheet: CostSheet, resource: DeclaredResource, context: TableCostContext): void {
  new TableCost(resource, context, sheet).add(context.region, context.prices);
}
