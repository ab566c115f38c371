import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { BYTES_PER_READ_UNIT, BYTES_PER_WRITE_UNIT, MAX_PAGE_BYTES } from "../limits.ts";
import type { PacedRequest } from "./request.ts";

/** The table itself among {@link Cost}s. */
export const TABLE = "";

/** Capacity units by what they are taken from: {@link TABLE}, or an index by its name. */
export type Cost = ReadonlyMap<string, number>;

/** How much of an average stands when a new figure comes. */
const MEMORY = 0.7;

const average = (before: number | undefined, figure: number) =>
  before === undefined ? figure : before * MEMORY + figure * (1 - MEMORY);

/** What of an answer tells what it cost. */
export interface Answer {
  readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] | undefined;
  readonly ScannedCount?: number | undefined;
  readonly Count?: number | undefined;
}

const unitsPerRead = ({ isConsistent }: PacedRequest) => (isConsistent ? 1 : 0.5);

/**
 * Knows what requests cost: before one is sent from what others of its shape have cost, at first from the
 * size of the items that were read, and afterwards from its answer.
 */
export class RequestCosts {
  readonly #table: string;
  readonly #computeTransactions: boolean;
  /** Units an action costs, by shape. */
  readonly #known = new Map<string, Map<string, number>>();
  #itemBytes: number | undefined;

  /**
   * @param computeTransactions do not believe what a transaction's answer says: DynamoDB Local reports "4"
   * for one of a hundred updates
   */
  constructor(table: string, { computeTransactions = false } = {}) {
    this.#table = table;
    this.#computeTransactions = computeTransactions;
  }

  /** What a request will cost, as far as it can be known. */
  estimate(request: PacedRequest): Cost {
    const known = this.#known.get(request.shape);
    if (!known) return new Map([[request.isPage ? (request.index ?? TABLE) : TABLE, this.#guess(request)]]);
    return new Map([...known].map(([resource, units]) => [resource, units * request.actions]));
  }

  /** What a request has cost, learned for the next of its shape; undefined where its answer does not say. */
  learn(request: PacedRequest, answer: Answer): Cost | undefined {
    const cost = this.#costOf(request, answer);
    if (!cost) return undefined;
    const known = this.#known.get(request.shape) ?? new Map<string, number>();
    for (const resource of new Set([...known.keys(), ...cost.keys()])) {
      const units = (cost.get(resource) ?? 0) / request.actions;
      known.set(resource, average(known.get(resource), units));
    }
    this.#known.set(request.shape, known);
    this.#learnSize(request, answer, cost);
    return cost;
  }

  #costOf(request: PacedRequest, { ConsumedCapacity }: Answer): Cost | undefined {
    if (request.operation.startsWith("Transact") && this.#computeTransactions) {
      return new Map([[TABLE, this.#guess(request)]]);
    }
    const reports = [ConsumedCapacity ?? []].flat() as ConsumedCapacity[];
    const own = reports.filter(({ TableName }) => TableName === undefined || TableName === this.#table);
    if (own.length === 0) return undefined;
    const cost = new Map<string, number>();
    const add = (resource: string, units = 0) => cost.set(resource, (cost.get(resource) ?? 0) + units);
    for (const { CapacityUnits, Table, LocalSecondaryIndexes, GlobalSecondaryIndexes } of own) {
      const indexes = Object.entries(GlobalSecondaryIndexes ?? {});
      for (const [index, { CapacityUnits: units }] of indexes) add(index, units);
      // Local indexes use the table's own capacity.
      for (const { CapacityUnits: units } of Object.values(LocalSecondaryIndexes ?? {})) add(TABLE, units);
      if (Table) add(TABLE, Table.CapacityUnits);
      else if (indexes.length === 0) add(TABLE, CapacityUnits);
    }
    return cost;
  }

  #guess(request: PacedRequest): number {
    const { direction, actions, factor, isPage } = request;
    if (isPage) return (MAX_PAGE_BYTES / BYTES_PER_READ_UNIT) * unitsPerRead(request);
    const bytes = this.#itemBytes ?? 1;
    const perItem =
      direction === "write"
        ? Math.ceil(bytes / BYTES_PER_WRITE_UNIT)
        : Math.ceil(bytes / BYTES_PER_READ_UNIT) * (factor > 1 ? 1 : unitsPerRead(request));
    return perItem * actions * factor;
  }

  #learnSize(request: PacedRequest, { ScannedCount = 0 }: Answer, cost: Cost): void {
    if (!request.isPage || request.index !== undefined || ScannedCount === 0) return;
    const bytes = ((cost.get(TABLE) ?? 0) / unitsPerRead(request)) * BYTES_PER_READ_UNIT;
    this.#itemBytes = average(this.#itemBytes, bytes / ScannedCount);
  }
}
