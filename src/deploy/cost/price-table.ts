import { REQUEST_PRICES, REQUEST_PRICES_AS_OF, type RequestPrices } from "../../dynamo/prices.ts";

/** Prices of one table class. A price that is not known is left out, and what it is for is not counted. */
export interface ClassPrices extends RequestPrices {
  /** For a GB and month. */
  readonly storage: number;
}

/** US dollars in one region, without free tiers and discounts. */
export interface RegionPrices {
  readonly standard: ClassPrices;
  readonly infrequentAccess: ClassPrices;
  /** Point-in-time recovery, for a GB of the table and month; the number of days does not matter. */
  readonly recovery: number;
  /** Backups of AWS Backup, for a GB and month: each is a whole copy. */
  readonly backup?: number;
  /** A metric that an alarm watches, for a month. */
  readonly alarmMetric: number;
  readonly dashboard: number;
  /** A customer key, for a month. */
  readonly key: number;
  /** For a million invocations. */
  readonly invocations: number;
  /** For a GB and second, on x86 and on arm64. */
  readonly functionSecond: { readonly x86_64: number; readonly arm64: number };
}

/** What the estimates are made of. */
export interface PriceTable {
  /** The youngest price list that went into it. */
  readonly asOf: string;
  readonly source: string;
  readonly regions: Readonly<Record<string, RegionPrices>>;
}

/**
 * Prices by region; those of requests stand in src/dynamo/prices.ts. DynamoDB's on-demand, storage and
 * recovery prices are those of the offer file AmazonDynamoDB of AWS's price list, published 2026-08-15;
 * provisioned ones those of 2025-08-28; CloudWatch's those of 2026-08-06. They were taken from published transcripts of these lists, not from AWS:
 * compare https://aws.amazon.com/dynamodb/pricing/ before money depends on them.
 */
export const PRICES: PriceTable = {
  asOf: REQUEST_PRICES_AS_OF,
  source: "transcripts of the AWS price list (AmazonDynamoDB, AmazonCloudWatch) and AWS's pricing pages",
  regions: {
    "us-east-1": {
      standard: {
        ...REQUEST_PRICES["us-east-1"].standard,
        storage: 0.25,
      },
      infrequentAccess: {
        ...REQUEST_PRICES["us-east-1"].infrequentAccess,
        storage: 0.1,
      },
      recovery: 0.2,
      backup: 0.1,
      alarmMetric: 0.1,
      dashboard: 3,
      key: 1,
      invocations: 0.2,
      functionSecond: { x86_64: 0.0000166667, arm64: 0.0000133334 },
    },
    "eu-west-1": {
      standard: {
        ...REQUEST_PRICES["eu-west-1"].standard,
        storage: 0.283,
      },
      infrequentAccess: { ...REQUEST_PRICES["eu-west-1"].infrequentAccess, storage: 0.1132 },
      recovery: 0.22,
      alarmMetric: 0.1,
      dashboard: 3,
      key: 1,
      invocations: 0.2,
      functionSecond: { x86_64: 0.0000166667, arm64: 0.0000133334 },
    },
    "eu-central-1": {
      standard: { ...REQUEST_PRICES["eu-central-1"].standard, storage: 0.306 },
      infrequentAccess: { ...REQUEST_PRICES["eu-central-1"].infrequentAccess, storage: 0.1224 },
      recovery: 0.2448,
      alarmMetric: 0.1,
      dashboard: 3,
      key: 1,
      invocations: 0.2,
      functionSecond: { x86_64: 0.0000166667, arm64: 0.0000133334 },
    },
  },
};
