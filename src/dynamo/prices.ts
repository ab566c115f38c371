import type { TableDescription } from "@aws-sdk/client-dynamodb";

/** What a million request units cost on demand, and a unit of provisioned capacity an hour, in US dollars. */
export interface RequestPrices {
  readonly readRequests: number;
  /** Replicated ones cost the same since November 2024. */
  readonly writeRequests: number;
  readonly readCapacityHour?: number;
  readonly writeCapacityHour?: number;
}

/** Request prices of one region, by table class. */
export interface RegionRequestPrices {
  readonly standard: RequestPrices;
  readonly infrequentAccess: RequestPrices;
}

/** The date of the price list: its offer file AmazonDynamoDB was published then. */
export const REQUEST_PRICES_AS_OF = "2026-08-15";

/**
 * Prices of requests and of provisioned capacity (those of 2025-08-28) by region, without free tiers and discounts. Taken from published transcripts of
 * AWS's price list, not from AWS: compare https://aws.amazon.com/dynamodb/pricing/ before money depends on them.
 */
export const REQUEST_PRICES = {
  "us-east-1": {
    standard: {
      readRequests: 0.125,
      writeRequests: 0.625,
      readCapacityHour: 0.00013,
      writeCapacityHour: 0.00065,
    },
    infrequentAccess: {
      readRequests: 0.155,
      writeRequests: 0.78,
      readCapacityHour: 0.00016,
      writeCapacityHour: 0.00081,
    },
  },
  "eu-west-1": {
    standard: {
      readRequests: 0.1415,
      writeRequests: 0.705,
      readCapacityHour: 0.000147,
      writeCapacityHour: 0.000735,
    },
    infrequentAccess: { readRequests: 0.177, writeRequests: 0.885 },
  },
  "eu-central-1": {
    standard: { readRequests: 0.1525, writeRequests: 0.7625 },
    infrequentAccess: { readRequests: 0.1905, writeRequests: 0.955 },
  },
} satisfies Readonly<Record<string, RegionRequestPrices>>;

/** Whose prices are shown for a table of a local engine, which costs nothing. */
const REGION_OF_LOCAL = "us-east-1";

/** How requests on a table are paid for. */
export interface RequestTariff {
  /** The region whose prices these are. */
  readonly region: string;
  /** A local engine: what the same would cost on AWS. */
  readonly isLocal: boolean;
  /** Requests use capacity that is paid for anyway, by the hour. */
  readonly isProvisioned: boolean;
  /** Undefined where no prices of the region are known. */
  readonly prices: RequestPrices | undefined;
  /** Other regions that each write is copied to, and paid for again. */
  readonly copies: readonly { readonly region: string; readonly prices: RequestPrices | undefined }[];
}

function pricesOf(region: string, description: TableDescription): RequestPrices | undefined {
  const known: Readonly<Record<string, RegionRequestPrices>> = REQUEST_PRICES;
  const ofClass = description.TableClassSummary?.TableClass;
  const prices = known[region];
  return ofClass === "STANDARD_INFREQUENT_ACCESS" ? prices?.infrequentAccess : prices?.standard;
}

/** How requests on a table are paid for, by its description: its ARN names the region. */
export function tariffOf(description: TableDescription): RequestTariff {
  // DynamoDB Local writes arn:aws:dynamodb:ddblocal:…
  const found = description.TableArn?.split(":")[3] ?? "";
  const isLocal = !/^[a-z]+(-[a-z]+)+-\d+$/.test(found);
  const region = isLocal ? REGION_OF_LOCAL : found;
  return {
    region,
    isLocal,
    // The summary is left out where a table has never been on demand (API_TableDescription).
    isProvisioned: description.BillingModeSummary?.BillingMode !== "PAY_PER_REQUEST",
    prices: pricesOf(region, description),
    copies: (description.Replicas ?? []).flatMap(({ RegionName }) =>
      RegionName === undefined || RegionName === region
        ? []
        : [{ region: RegionName, prices: pricesOf(RegionName, description) }],
    ),
  };
}

/**
 * What request units cost, in US dollars; undefined where a price is not known.
 * @param units on demand; where capacity is provisioned nothing is added to what is paid anyway
 */
export function priceOf(tariff: RequestTariff, units: { read: number; write: number }): number | undefined {
  if (tariff.isProvisioned) return 0;
  const writers = [tariff.prices, ...tariff.copies.map(({ prices }) => prices)];
  if (tariff.prices === undefined || writers.includes(undefined)) return undefined;
  const perWrite = writers.reduce((sum, prices) => sum + (prices?.writeRequests ?? 0), 0);
  return (units.read * tariff.prices.readRequests + units.write * perWrite) / 1_000_000;
}
