import type { ConsumedCapacity, WriteRequest } from "@aws-sdk/client-dynamodb";
import { canonicalKey } from "../../dynamo/canonical-item.ts";
import type { PacedRequest } from "../../dynamo/pace/request.ts";
import type { SeedItem } from "../file/records.ts";
import { itemFromWire } from "../file/seed-item.ts";

/** An item whose key stands in the table already, so that it was not written. */
export interface FoundItem {
  readonly seed: SeedItem;
  /** Why that is no success; undefined where what stands there is equal. */
  readonly refusal: string | undefined;
}

/** What a request came to. */
export interface BatchAnswer {
  /** The items of the batch that were not written, for want of capacity. */
  readonly unprocessed: readonly SeedItem[];
  /** Those that were not to be written over what stands there. Default: none. */
  readonly found?: readonly FoundItem[] | undefined;
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

interface WriteAnswer {
  readonly ConsumedCapacity?: ConsumedCapacity;
}

interface BatchWriteAnswer {
  readonly UnprocessedItems?: Readonly<Record<string, readonly WriteRequest[]>>;
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
}

/** How DynamoDB calls the parts of a write. */
const WRITES = {
  put: { operation: "PutItem", what: "Item" },
  delete: { operation: "DeleteItem", what: "Key" },
} as const;

/** Whole items are put, or items are deleted by their keys: then the wire of each is its key's. */
export type WriteKind = keyof typeof WRITES;

const FIRST_ITEM = {
  put: Buffer.from('{"PutRequest":{"Item":'),
  delete: Buffer.from('{"DeleteRequest":{"Key":'),
};
const NEXT_ITEM = {
  put: Buffer.from('}},{"PutRequest":{"Item":'),
  delete: Buffer.from('}},{"DeleteRequest":{"Key":'),
};
/** What is asked for: costs index by index, as a pacer wants to know them. */
const ANSWER_WANTED = '"ReturnConsumedCapacity":"INDEXES"}';

/** The text of a BatchWriteItem request. */
export function batchWriteBody(table: string, items: readonly SeedItem[], kind: WriteKind = "put"): Buffer {
  const parts: Buffer[] = [Buffer.from(`{"RequestItems":{${JSON.stringify(table)}:[`)];
  for (const { wire } of items) parts.push(parts.length === 1 ? FIRST_ITEM[kind] : NEXT_ITEM[kind], wire);
  parts.push(Buffer.from(`}}]},${ANSWER_WANTED}`));
  return Buffer.concat(parts);
}

/** The text of a write of one item. @param more further fields, as JSON with a comma behind each */
export function singleWriteBody(
  table: string,
  { wire }: SeedItem,
  kind: WriteKind = "put",
  more = "",
): Buffer {
  const head = Buffer.from(`{"TableName":${JSON.stringify(table)},"${WRITES[kind].what}":`);
  return Buffer.concat([head, wire, Buffer.from(`,${more}${ANSWER_WANTED}`)]);
}

/** What of a write decides its cost. */
export function costing(
  operation: string,
  items: readonly Pick<SeedItem, "partition">[],
  kind: WriteKind = "put",
): PacedRequest {
  return {
    operation,
    direction: "write",
    // To delete an item costs what it is worth, and that says nothing of a put.
    shape: `${operation} ${kind}`,
    actions: items.length,
    factor: 1,
    isPage: false,
    isConsistent: false,
    index: undefined,
    groups: [...new Set(items.map(({ partition }) => partition))],
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
  return returned.map(({ PutRequest, DeleteRequest }) => {
    const found = PutRequest?.Item ?? DeleteRequest?.Key ?? {};
    const item = byKey.get(canonicalKey(itemFromWire(found), keyNames));
    if (!item) throw new TypeError("BatchWriteItem returned an unprocessed item that was not sent");
    return item;
  });
}

const unitsOf = (consumed: readonly ConsumedCapacity[] = []) =>
  consumed.reduce((units, { CapacityUnits = 0 }) => units + CapacityUnits, 0);

/** What a write of one item came to. */
export function singleWriteAnswer(answer: object): BatchAnswer {
  const { ConsumedCapacity: consumed } = answer as WriteAnswer;
  return { unprocessed: [], writeUnits: unitsOf(consumed && [consumed]) };
}

/**
 * Makes a sender that puts whole items, or deletes them: several with BatchWriteItem, one by itself. That costs
 * the same, and where it is throttled its error carries the reasons, which an unprocessed item of a batch does not
 * (API_ThrottlingReason is part of exceptions only).
 */
export function createBatchSender(
  writer: WriteSender,
  table: string,
  keyNames: readonly string[],
  kind: WriteKind = "put",
): BatchSender {
  const writeOne = async (item: SeedItem): Promise<BatchAnswer> => {
    const { operation } = WRITES[kind];
    const body = singleWriteBody(table, item, kind);
    return singleWriteAnswer(await writer.send(operation, body, costing(operation, [item], kind)));
  };
  const writeBatch = async (items: readonly SeedItem[]): Promise<BatchAnswer> => {
    const operation = "BatchWriteItem";
    const body = batchWriteBody(table, items, kind);
    const answer = await writer.send(operation, body, costing(operation, items, kind));
    const { UnprocessedItems, ConsumedCapacity } = answer as BatchWriteAnswer;
    // DynamoDB answers an empty map where nothing came back (API_BatchWriteItem): without one it was not DynamoDB.
    if (!UnprocessedItems) throw new TypeError("BatchWriteItem was answered without UnprocessedItems");
    const returned = Object.values(UnprocessedItems).flat();
    return {
      unprocessed: matchUnprocessed(items, returned, keyNames),
      writeUnits: unitsOf(ConsumedCapacity),
    };
  };
  return (items) => {
    const [only] = items;
    return only && items.length === 1 ? writeOne(only) : writeBatch(items);
  };
}
