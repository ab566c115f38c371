import type { ConsumedCapacity, WriteRequest } from "@aws-sdk/client-dynamodb";
import { canonicalKey } from "../../dynamo/canonical-item.ts";
import type { PacedRequest } from "../../dynamo/pace/request.ts";
import type { SeedItem } from "../file/records.ts";
import { itemFromWire } from "../file/seed-item.ts";

/** What a request came to. */
export interface BatchAnswer {
  /** The items of the batch that were not written, for want of capacity. */
  readonly unprocessed: readonly SeedItem[];
  readonly writeUnits: number;
}

/** Sends a batch once. Rejects with what was answered; retries are the loader's business. */
export type BatchSender = (items: readonly SeedItem[]) => Promise<BatchAnswer>;

/** Sends the text of a write when its turn has come. */
export interface WriteSender {
  /**
   * @param operation the API's name
   * @param body its input as JSON
   * @param request what of it decides its cost
   */
  send(operation: string, body: Buffer, request: PacedRequest): Promise<object>;
}

interface PutAnswer {
  readonly ConsumedCapacity?: ConsumedCapacity;
}

interface BatchWriteAnswer {
  readonly UnprocessedItems?: Readonly<Record<string, readonly WriteRequest[]>>;
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
}

const FIRST_ITEM = Buffer.from('{"PutRequest":{"Item":');
const NEXT_ITEM = Buffer.from('}},{"PutRequest":{"Item":');
/** What is asked for: costs index by index, as a pacer wants to know them. */
const ANSWER_WANTED = '"ReturnConsumedCapacity":"INDEXES"}';

/** The text of a BatchWriteItem request that puts whole items. */
export function batchWriteBody(table: string, items: readonly SeedItem[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`{"RequestItems":{${JSON.stringify(table)}:[`)];
  for (const { wire } of items) parts.push(parts.length === 1 ? FIRST_ITEM : NEXT_ITEM, wire);
  parts.push(Buffer.from(`}}]},${ANSWER_WANTED}`));
  return Buffer.concat(parts);
}

function putBody(table: string, { wire }: SeedItem): Buffer {
  const head = Buffer.from(`{"TableName":${JSON.stringify(table)},"Item":`);
  return Buffer.concat([head, wire, Buffer.from(`,${ANSWER_WANTED}`)]);
}

/** What decides the cost of a write of so many items in these partitions. */
export function costing(actions: number, partitions: readonly string[]): PacedRequest {
  const operation = actions === 1 ? "PutItem" : "BatchWriteItem";
  return {
    operation,
    direction: "write",
    shape: operation,
    actions,
    factor: 1,
    isPage: false,
    isConsistent: false,
    index: undefined,
    groups: [...new Set(partitions)],
  };
}

/** Which of the items the service handed back. */
function matchUnprocessed(
  sent: readonly SeedItem[],
  returned: readonly WriteRequest[],
  keyNames: readonly string[],
): SeedItem[] {
  if (returned.length === 0) return [];
  const byKey = new Map(sent.map((item) => [item.key, item]));
  return returned.map(({ PutRequest }) => {
    const item = byKey.get(canonicalKey(itemFromWire(PutRequest?.Item ?? {}), keyNames));
    if (!item) throw new TypeError("BatchWriteItem returned an unprocessed item that was not sent");
    return item;
  });
}

const unitsOf = (consumed: readonly ConsumedCapacity[] = []) =>
  consumed.reduce((units, { CapacityUnits = 0 }) => units + CapacityUnits, 0);

/**
 * Makes a sender that puts whole items: several with BatchWriteItem, one with PutItem. That costs the same,
 * and where it is throttled its error carries the reasons, which an unprocessed item of a batch does not
 * (API_ThrottlingReason is part of exceptions only).
 */
export function createBatchSender(
  writer: WriteSender,
  table: string,
  keyNames: readonly string[],
): BatchSender {
  const putOne = async (item: SeedItem): Promise<BatchAnswer> => {
    const answer = await writer.send("PutItem", putBody(table, item), costing(1, [item.partition]));
    const { ConsumedCapacity: consumed } = answer as PutAnswer;
    return { unprocessed: [], writeUnits: unitsOf(consumed && [consumed]) };
  };
  const putBatch = async (items: readonly SeedItem[]): Promise<BatchAnswer> => {
    const request = costing(
      items.length,
      items.map(({ partition }) => partition),
    );
    const answer = await writer.send(request.operation, batchWriteBody(table, items), request);
    const { UnprocessedItems = {}, ConsumedCapacity } = answer as BatchWriteAnswer;
    const returned = Object.values(UnprocessedItems).flat();
    return {
      unprocessed: matchUnprocessed(items, returned, keyNames),
      writeUnits: unitsOf(ConsumedCapacity),
    };
  };
  return (items) => {
    const [only] = items;
    return only && items.length === 1 ? putOne(only) : putBatch(items);
  };
}
