import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { NEW_TABLE_WRITE_UNITS, PARTITION_WRITE_UNITS } from "../../dynamo/limits.ts";
import type { Ceilings } from "../../dynamo/pace/rate-limit.ts";
import { priceOf, tariffOf } from "../../dynamo/prices.ts";
import type { ResourceProfile } from "./load-profile.ts";

/** Where a number of write units a second comes from. */
export type CapacityBasis =
  /** Asked for. */
  | "rate"
  /** Provisioned for the table or index. */
  | "provisioned"
  /** The maximum that was set for it on demand. */
  | "onDemandMaximum"
  /** DescribeTable's warm throughput. */
  | "warmThroughput"
  /** What a new on-demand table takes: nothing better is known. */
  | "newTable";

/** A number of write units a second. */
export interface Capacity {
  readonly unitsPerSecond: number;
  readonly basis: CapacityBasis;
}

/** What a load does to the table, or to an index, and how long that takes. */
export interface ResourcePlan extends ResourceProfile {
  /** What it could go at by itself. */
  readonly pace: Capacity;
  /** Write units a second that it goes at beside the others, if no key is too hot. */
  readonly unitsPerSecond: number;
  /** What it takes at once, without throttling. */
  readonly atOnce: Capacity;
  readonly seconds: number;
  /** Seconds that its hottest partition key takes by itself, at the most that one partition takes. */
  readonly hottestKeySeconds: number;
  /** One partition key alone makes the load longer. */
  readonly isCappedByKey: boolean;
  /** It goes at more than what is taken at once. */
  readonly isThrottled: boolean;
  /** The warm throughput to set before the load, where what is there is below what the load goes at. */
  readonly warmThroughputNeeded: number | undefined;
}

/** What writing costs, in US dollars, without free tiers and discounts. */
export interface PlanPrice {
  readonly region: string;
  /** Undefined where no price of the region is known. */
  readonly onDemand: number | undefined;
  /** The rate, provisioned for the whole hours that the load takes. */
  readonly provisioned: {
    /** Of the table and its indexes together. */
    readonly writeUnitsPerSecond: number;
    readonly hours: number;
    readonly dollars: number | undefined;
  };
}

/** What a load comes to. */
export interface LoadPlan {
  readonly resources: readonly ResourcePlan[];
  /** How long the writing takes, at least. */
  readonly seconds: number;
  readonly price: PlanPrice;
}

/** What is known before a load. */
export interface PlanTerms {
  readonly resources: readonly ResourceProfile[];
  /** The live table, or what is assumed of it. */
  readonly description: TableDescription;
  /** The rate that was asked for, or that holds by itself. */
  readonly ceilings: Ceilings;
}

type Described = Pick<TableDescription, "ProvisionedThroughput" | "OnDemandThroughput"> & {
  readonly WarmThroughput?: { readonly WriteUnitsPerSecond?: number | undefined } | undefined;
};

const SECONDS_AN_HOUR = 3_600;

/** What the table or an index takes at once, by what DynamoDB says of it. */
function atOnceOf(resource: Described | undefined): Capacity {
  const { ProvisionedThroughput, OnDemandThroughput, WarmThroughput } = resource ?? {};
  const provisioned = ProvisionedThroughput?.WriteCapacityUnits ?? 0;
  if (provisioned > 0) return { unitsPerSecond: provisioned, basis: "provisioned" };
  const warm = WarmThroughput?.WriteUnitsPerSecond ?? 0;
  const taken: Capacity =
    warm > 0
      ? { unitsPerSecond: warm, basis: "warmThroughput" }
      : { unitsPerSecond: NEW_TABLE_WRITE_UNITS, basis: "newTable" };
  const most = OnDemandThroughput?.MaxWriteRequestUnits ?? 0;
  return most > 0 && most < taken.unitsPerSecond ? { unitsPerSecond: most, basis: "onDemandMaximum" } : taken;
}

function describedAs({ description }: PlanTerms, index: string | undefined): Described | undefined {
  if (index === undefined) return description;
  return description.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index);
}

function ceilingOf({ ceilings }: PlanTerms, index: string | undefined): number {
  if (index === undefined) return ceilings.table.write;
  return (ceilings.indexes.get(index) ?? ceilings.otherIndexes).write;
}

/** How fast each of them could go by itself. */
function paced(terms: PlanTerms, profile: ResourceProfile) {
  const atOnce = atOnceOf(describedAs(terms, profile.index));
  const ceiling = ceilingOf(terms, profile.index);
  const pace: Capacity = Number.isFinite(ceiling) ? { unitsPerSecond: ceiling, basis: "rate" } : atOnce;
  const hottestKeySeconds = (profile.hottest[0]?.weight ?? 0) / PARTITION_WRITE_UNITS;
  return { ...profile, pace, atOnce, seconds: profile.writeUnits / pace.unitsPerSecond, hottestKeySeconds };
}

/** Reckons how long a load takes, at least, what of it is a bottleneck, and what it costs. */
export function planLoad(terms: PlanTerms): LoadPlan {
  const parts = terms.resources.map((profile) => paced(terms, profile));
  // Table and indexes are written together: the slowest of them holds all.
  const byPace = Math.max(...parts.map(({ seconds }) => seconds));
  const seconds = Math.max(byPace, ...parts.map(({ hottestKeySeconds }) => hottestKeySeconds));
  const resources = parts.map((part) => {
    const used = byPace > 0 ? Math.ceil(part.writeUnits / byPace) : 0;
    const { unitsPerSecond, basis } = part.atOnce;
    const isThrottled = used > unitsPerSecond;
    // Neither provisioned capacity nor a maximum gives way to a warm table.
    const warmHelps = basis === "warmThroughput" || basis === "newTable";
    return {
      ...part,
      unitsPerSecond: used,
      isCappedByKey: part.hottestKeySeconds > byPace,
      isThrottled,
      warmThroughputNeeded: isThrottled && warmHelps ? used : undefined,
    };
  });
  return { resources, seconds, price: planPrice(terms, seconds) };
}

function planPrice({ resources, description }: PlanTerms, seconds: number): PlanPrice {
  const tariff = tariffOf(description);
  const units = resources.reduce((sum, { writeUnits }) => sum + writeUnits, 0);
  const hours = Math.max(1, Math.ceil(seconds / SECONDS_AN_HOUR));
  const writeUnitsPerSecond = seconds > 0 ? Math.ceil(units / seconds) : 0;
  const hourly = tariff.prices?.writeCapacityHour;
  return {
    region: tariff.region,
    onDemand: priceOf({ ...tariff, isProvisioned: false }, { read: 0, write: units }),
    provisioned: {
      writeUnitsPerSecond,
      hours,
      dollars: hourly === undefined ? undefined : hourly * hours * writeUnitsPerSecond,
    },
  };
}
