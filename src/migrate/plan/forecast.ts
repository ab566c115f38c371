import { BYTES_PER_READ_UNIT, MAX_PAGE_BYTES } from "../../dynamo/limits.ts";
import { MIN_PAGE_ITEMS } from "../../dynamo/pace/pacer.ts";
import type { Ceilings } from "../../dynamo/pace/rate-limit.ts";
import { priceOf, type RequestTariff } from "../../dynamo/prices.ts";
import type { ForeseenTable, SegmentBytes } from "./foreseen-table.ts";
import { NONE, plus, type Range, rounded, sumOf, times } from "./range.ts";
import { type StepWork, scaleCost } from "./step-work.ts";

/** What requests cost, in US dollars. */
export interface ForecastCost {
  /** Null where no price is known. */
  readonly dollars: Range | null;
  readonly region: string;
  /**
   * `onDemand`: what these requests are billed. `provisioned`: nothing beyond the capacity that is paid anyway.
   * `local`: a local engine costs nothing; it is what the same requests would be billed on AWS, on demand.
   */
  readonly billing: "onDemand" | "provisioned" | "local";
}

/** What a step would take, as far as the items that were read tell. */
export interface StepForecast {
  /**
   * True: every item was read, and the figures are what a run does, unless somebody writes meanwhile. False:
   * they are reckoned from the items that were read, in proportion.
   */
  readonly exact: boolean;
  readonly lookedAt: number;
  /** Items of the table; with `exact: false` as DescribeTable counted them, up to six hours ago. */
  readonly items: number;
  /** Items that the step is about, and their share of all. */
  readonly matching: number;
  readonly matchingShare: number;
  /** Items among them that need it, and their share of these. */
  readonly needing: number;
  readonly needingShare: number;
  /** Items that are written. */
  readonly written: number;
  /** Passes over the table, at the least: the last one finds nothing that needs the step. */
  readonly passes: number;
  /** Pages of all passes, and writes. Conflicts with live writes come on top. */
  readonly requests: { readonly pages: Range; readonly writes: Range };
  readonly readUnits: Range;
  /** Of the table, of each index by its name, and of the ledger's table for a journal. */
  readonly writeUnits: {
    readonly total: Range;
    readonly table: Range;
    readonly indexes: Readonly<Record<string, Range>>;
    readonly ledger: Range;
  };
  /** At the allowed rate; null where none is set, or where DynamoDB goes at a pace of its own. */
  readonly seconds: Range | null;
  readonly cost: ForecastCost;
}

/** What turns work into time and money. */
export interface ForecastTerms {
  readonly ceilings: Ceilings;
  readonly tariff: RequestTariff;
}

interface Pass {
  readonly pages: Range;
  readonly units: Range;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, next) => total + next, 0);

/** What one pass of consistent reads takes. A page is rounded up to a whole unit; an empty one may be free. */
function passOver(bytes: SegmentBytes, table: ForeseenTable): Pass {
  const total = sum(bytes) * table.factor;
  const items = table.lookedAt * table.factor;
  const { segments, pageItems = MIN_PAGE_ITEMS } = table;
  const isAligned = table.whole && bytes.length === segments;
  const smallPage = Math.max(1, Math.min(MIN_PAGE_ITEMS, pageItems));
  const most = segments + Math.floor(items / smallPage) + Math.floor(total / MAX_PAGE_BYTES);
  const least = isAligned
    ? sum(bytes.map((ofSegment) => Math.max(1, Math.ceil(ofSegment / MAX_PAGE_BYTES))))
    : Math.max(segments, Math.ceil(total / MAX_PAGE_BYTES));
  const units = (of: number) => Math.ceil(of / BYTES_PER_READ_UNIT);
  return {
    pages: { least: Math.min(least, most), most },
    units: { least: isAligned ? sum(bytes.map(units)) : units(total), most: units(total) + most },
  };
}

const secondsOf = (units: Range, limit: number): Range =>
  limit === Number.POSITIVE_INFINITY ? NONE : times(units, 1 / limit);

const longest = (ranges: readonly Range[]): Range => ({
  least: Math.max(0, ...ranges.map(({ least }) => least)),
  most: Math.max(0, ...ranges.map(({ most }) => most)),
});

/** How long it takes at the allowed rate: a pass reads while it writes, each of its own buckets. */
function timeOf(
  passes: readonly Pass[],
  cost: StepWork["cost"],
  { table, indexes, otherIndexes }: Ceilings,
): Range | null {
  const limits = [
    table.read,
    table.write,
    ...[...cost.indexes.keys()].map((name) => (indexes.get(name) ?? otherIndexes).write),
  ];
  if (limits.every((limit) => limit === Number.POSITIVE_INFINITY)) return null;
  const [first, ...others] = passes.map(({ units }) => secondsOf(units, table.read));
  const writes = [...cost.indexes].map(([name, units]) =>
    secondsOf(units, (indexes.get(name) ?? otherIndexes).write),
  );
  const working = longest([first ?? NONE, secondsOf(cost.table, table.write), ...writes]);
  return rounded(plus(working, sumOf(others)));
}

/** What units cost. */
export function costOf(tariff: RequestTariff, read: Range, write: Range): ForecastCost {
  const { region, isLocal, isProvisioned } = tariff;
  const asBilled = isLocal ? { ...tariff, isProvisioned: false } : tariff;
  const least = priceOf(asBilled, { read: read.least, write: write.least });
  const most = priceOf(asBilled, { read: read.most, write: write.most });
  const dollars = least === undefined || most === undefined ? null : { least, most };
  return { dollars, region, billing: isLocal ? "local" : isProvisioned ? "provisioned" : "onDemand" };
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/** Reckons from the items that were read what a step takes on the whole table. */
export function forecast(
  work: StepWork,
  table: ForeseenTable,
  { ceilings, tariff }: ForecastTerms,
): StepForecast {
  const { factor } = table;
  const passes = work.passes.map((bytes) => passOver(bytes, table));
  const cost = scaleCost(work.cost, factor);
  const indexes = new Map([...cost.indexes].map(([name, units]) => [name, rounded(units)]));
  const [ofTable, ofLedger] = [rounded(cost.table), rounded(cost.ledger)];
  const total = sumOf([ofTable, ofLedger, ...indexes.values()]);
  const readUnits = sumOf(passes.map(({ units }) => units));
  return {
    exact: table.isExact,
    lookedAt: table.lookedAt,
    items: table.itemCount,
    matching: Math.round(work.matching * factor),
    matchingShare: share(work.matching, table.lookedAt),
    needing: Math.round(work.needing * factor),
    needingShare: share(work.needing, work.matching),
    written: Math.round(work.written * factor),
    passes: work.passes.length,
    requests: {
      pages: sumOf(passes.map(({ pages }) => pages)),
      writes: rounded(times(work.requests, factor)),
    },
    readUnits,
    writeUnits: { total, table: ofTable, indexes: Object.fromEntries(indexes), ledger: ofLedger },
    seconds: work.ownPace ? null : timeOf(passes, cost, ceilings),
    cost: costOf(tariff, readUnits, total),
  };
}

/** The sum of forecasts: what a whole plan takes. */
export interface ForecastTotals {
  readonly exact: boolean;
  readonly requests: Range;
  readonly readUnits: Range;
  readonly writeUnits: Range;
  readonly seconds: Range | null;
  readonly cost: ForecastCost;
}

/** Adds up what steps take. */
export function totalOf(forecasts: readonly StepForecast[], tariff: RequestTariff): ForecastTotals {
  const readUnits = sumOf(forecasts.map((one) => one.readUnits));
  const writeUnits = sumOf(forecasts.map((one) => one.writeUnits.total));
  const timed = forecasts.flatMap(({ seconds }) => seconds ?? []);
  return {
    exact: forecasts.every(({ exact }) => exact),
    requests: sumOf(forecasts.map(({ requests }) => plus(requests.pages, requests.writes))),
    readUnits,
    writeUnits,
    seconds: timed.length > 0 ? sumOf(timed) : null,
    cost: costOf(tariff, readUnits, writeUnits),
  };
}
