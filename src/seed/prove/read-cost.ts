import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { segmentsToRead } from "../../dynamo/choose-segments.ts";
import { BYTES_PER_READ_UNIT } from "../../dynamo/limits.ts";
import { priceOf, type RequestTariff, tariffOf } from "../../dynamo/prices.ts";
import { ReadLimitError } from "../errors.ts";
import type { CheckReport } from "../file/check-seed-file.ts";
import type { SampleRequest } from "./proof-request.ts";

/** What a proof will read, about. */
export interface ReadEstimate {
  /** Read units of the table and of the indexes that are counted, where table and file are equal. */
  readonly units: number;
  /** Those of the indexes. */
  readonly indexUnits: number;
  /** Where the sizes are from: the file, or DescribeTable, which is up to six hours old (API_TableDescription). */
  readonly basis: "file" | "table";
  /** How the units are paid for. */
  readonly tariff: RequestTariff;
  /** US dollars; undefined where no price is known, and on a local engine. */
  readonly dollars: number | undefined;
}

/** What is known before a proof. */
export interface ReadTerms {
  readonly description: TableDescription;
  readonly checked: Pick<CheckReport, "items" | "itemBytes">;
  /** The table holds nothing but what is loaded now. */
  readonly wasEmpty: boolean;
  /** Undefined: all is read. */
  readonly sample?: SampleRequest | undefined;
  /** Whether the indexes are counted, where all is read. */
  readonly countsIndexes: boolean;
}

/** Each segment ends with a page that is rounded up. */
const scanUnits = (bytes: number) => Math.ceil(bytes / BYTES_PER_READ_UNIT) + segmentsToRead(bytes);

/** Each item of a batch is rounded up by itself (API_BatchGetItem). */
function sampleUnits(
  { items, itemBytes }: ReadTerms["checked"],
  { percent }: Pick<SampleRequest, "percent">,
): number {
  if (items === 0) return 0;
  const looked = Math.max(1, Math.round((items * percent) / 100));
  return looked * Math.ceil(itemBytes / items / BYTES_PER_READ_UNIT);
}

/** What a scan of the table and a count of its indexes read: the count is eventually consistent, at half the price. */
function fullUnits({ description, checked, wasEmpty, countsIndexes }: ReadTerms) {
  const { TableSizeBytes = 0, GlobalSecondaryIndexes = [] } = description;
  // A size that is below the file's is older than the items.
  const basis: ReadEstimate["basis"] = wasEmpty || TableSizeBytes < checked.itemBytes ? "file" : "table";
  const bytes = basis === "file" ? checked.itemBytes : TableSizeBytes;
  const indexes = (countsIndexes ? GlobalSecondaryIndexes : []).map(({ IndexSizeBytes = 0 }) =>
    basis === "file" ? bytes : IndexSizeBytes,
  );
  const indexUnits = Math.ceil(indexes.reduce((units, size) => units + scanUnits(size) / 2, 0));
  return { units: scanUnits(bytes) + indexUnits, indexUnits, basis };
}

/** Reckons what a proof reads and what that costs. */
export function estimateReads(terms: ReadTerms): ReadEstimate {
  const tariff = tariffOf(terms.description);
  const reads = terms.sample
    ? { units: sampleUnits(terms.checked, terms.sample), indexUnits: 0, basis: "file" as const }
    : fullUnits(terms);
  const dollars = tariff.isLocal ? undefined : priceOf(tariff, { read: reads.units, write: 0 });
  return { ...reads, tariff, dollars };
}

/** What reads beside the proof cost. */
export type LookCost = Pick<ReadEstimate, "units" | "dollars" | "tariff">;

const lookCost = (units: number, description: TableDescription): LookCost => {
  const tariff = tariffOf(description);
  return { units, tariff, dollars: tariff.isLocal ? undefined : priceOf(tariff, { read: units, write: 0 }) };
};

/** What it costs to look every item of a file up. */
export function estimateLookups({
  description,
  checked,
}: Pick<ReadTerms, "description" | "checked">): LookCost {
  return lookCost(sampleUnits(checked, { percent: 100 }), description);
}

/** What it costs to read a table's keys: a projection spares no read units (API_Scan). @param scans how often */
export function estimateKeyScans(
  terms: Pick<ReadTerms, "description" | "checked" | "wasEmpty">,
  scans: number,
): LookCost {
  return lookCost(fullUnits({ ...terms, countsIndexes: false }).units * scans, terms.description);
}

/** @throws {ReadLimitError} where a proof would read more than it may. */
export function assertReadsFit(table: string, { units }: ReadEstimate, limit: number | undefined): void {
  if (limit !== undefined && units > limit) throw new ReadLimitError(table, units, limit);
}
