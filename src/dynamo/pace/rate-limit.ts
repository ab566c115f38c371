import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { UsageError } from "../../errors.ts";
import { type Direction, type PerDirection, UNIT_NAMES } from "./direction.ts";

/** A limit in one direction: units a second, or a share of what the table may do. */
export type Limit = { readonly units: number } | { readonly percent: number };

/** How fast a run may go; a direction that is left out is not limited. */
export type RateLimit = Partial<PerDirection<Limit>>;

/** The most that may be consumed, in units a second; Infinity where there is no limit. */
export interface Ceilings {
  readonly table: PerDirection<number>;
  readonly indexes: ReadonlyMap<string, PerDirection<number>>;
  /** For indexes that are made later. */
  readonly otherIndexes: PerDirection<number>;
}

const NO_LIMIT: PerDirection<number> = { read: Number.POSITIVE_INFINITY, write: Number.POSITIVE_INFINITY };

/** No limit at all. */
export const UNLIMITED: Ceilings = { table: NO_LIMIT, indexes: new Map(), otherIndexes: NO_LIMIT };

const DIRECTIONS = ["read", "write"] as const;
const UNITS = /^(\d+(?:\.\d+)?)(rcu|wcu)$/i;
const PERCENT = /^(\d+(?:\.\d+)?)%$/;

function parseOne(text: string): RateLimit {
  const units = UNITS.exec(text);
  const percent = PERCENT.exec(text);
  const value = Number(units?.[1] ?? percent?.[1]);
  if (value > 0 && units) {
    const direction = units[2]?.toLowerCase() === "rcu" ? "read" : "write";
    return { [direction]: { units: value } };
  }
  if (value > 0 && value <= 100 && percent) return { read: { percent: value }, write: { percent: value } };
  throw new UsageError({
    message: `"${text}" is no rate`,
    next: "Write it like 500wcu, 200rcu, 50% (of the table's capacity), or none; give it twice for both directions.",
    facts: { rate: text },
  });
}

/**
 * Reads a rate from the words of a command line: `500wcu`, `200rcu`, `50%`, or `none`. Later words win.
 * @throws {UsageError} for anything else.
 */
export function parseRate(words: readonly string[]): RateLimit {
  const rate: { -readonly [Name in Direction]?: Limit } = {};
  for (const word of words.map((text) => text.trim())) {
    Object.assign(rate, word === "none" ? { read: undefined, write: undefined } : parseOne(word));
  }
  return rate;
}

type Capacity = Pick<TableDescription, "ProvisionedThroughput" | "OnDemandThroughput">;

/** What a table or index may do in a direction: what is provisioned, or its on-demand maximum; undefined where neither is set. */
function capacityOf({ ProvisionedThroughput, OnDemandThroughput }: Capacity, direction: Direction) {
  const figures =
    direction === "read"
      ? [ProvisionedThroughput?.ReadCapacityUnits, OnDemandThroughput?.MaxReadRequestUnits]
      : [ProvisionedThroughput?.WriteCapacityUnits, OnDemandThroughput?.MaxWriteRequestUnits];
  // An on-demand table has 0 provisioned; -1 takes a maximum away (API_OnDemandThroughput).
  return figures.find((units) => units !== undefined && units > 0);
}

function ceilingOf(limit: Limit | undefined, capacity: number | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if ("units" in limit) return limit.units;
  return capacity === undefined ? Number.POSITIVE_INFINITY : (capacity * limit.percent) / 100;
}

const perDirection = (rate: RateLimit, capacity: Capacity): PerDirection<number> => ({
  read: ceilingOf(rate.read, capacityOf(capacity, "read")),
  write: ceilingOf(rate.write, capacityOf(capacity, "write")),
});

/**
 * What a rate comes to on a table. Units hold for the table and for each of its indexes by itself, as each
 * has capacity of its own; a share is taken of each one's own, where it has any.
 */
export function ceilingsFor(rate: RateLimit, description: TableDescription): Ceilings {
  const indexes = (description.GlobalSecondaryIndexes ?? []).map(
    (index) => [index.IndexName ?? "", perDirection(rate, index)] as const,
  );
  return {
    table: perDirection(rate, description),
    indexes: new Map(indexes),
    otherIndexes: perDirection(rate, {}),
  };
}

/** Refuses a share of capacity that the table does not have. */
export function assertRateFits(rate: RateLimit, description: TableDescription): void {
  const missing = DIRECTIONS.filter((direction) => {
    const limit = rate[direction];
    return limit !== undefined && "percent" in limit && capacityOf(description, direction) === undefined;
  });
  if (missing.length === 0) return;
  const what = missing.map((direction) => `${direction}s`).join(" and ");
  throw new UsageError({
    message: `${description.TableName} has neither provisioned capacity nor an on-demand maximum for ${what}, so there is nothing to take a share of`,
    next: "Give the rate in units, such as --rate 500wcu --rate 200rcu.",
    facts: { table: description.TableName, directions: missing },
  });
}

/** True where a rate is a share, so that it follows what is provisioned. */
export const isShare = (rate: RateLimit): boolean =>
  DIRECTIONS.some((direction) => {
    const limit = rate[direction];
    return limit !== undefined && "percent" in limit;
  });

const figure = (units: number) => String(Math.round(units * 10) / 10);

/** Ceilings in words: `500 wcu, 200 rcu; InvertedIndex 250 wcu`. */
export function describeCeilings({ table, indexes }: Ceilings): string {
  const parts = (limits: PerDirection<number>) =>
    (["write", "read"] as const)
      .filter((direction) => limits[direction] !== Number.POSITIVE_INFINITY)
      .map((direction) => `${figure(limits[direction])} ${UNIT_NAMES[direction]}`)
      .join(", ");
  const own = parts(table);
  const others = [...indexes]
    .map(([name, limits]) => ({ name, text: parts(limits) }))
    .filter(({ text }) => text !== "" && text !== own)
    .map(({ name, text }) => `${name} ${text}`);
  return [own || "no limit", ...others].join("; ");
}
