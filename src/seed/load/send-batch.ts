import {
  BatchWriteItemCommand,
  type ConsumedCapacity,
  type DynamoDBClient,
  PutItemCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { canonicalKey } from "../../dynamo/canonical-item.ts";
import type { SeedItem } from "../file/records.ts";

/** What a request came to. */
export interface BatchAnswer {
  /** The items of the batch that were not written, for want of capacity. */
  readonly unprocessed: readonly SeedItem[];
  readonly writeUnits: number;
}

/** Sends a batch once. Rejects with the SDK's error; retries are the loader's business. */
export type BatchSender = (items: readonly SeedItem[]) => Promise<BatchAnswer>;

/** Which of the items the service handed back. */
function matchUnprocessed(
  sent: readonly SeedItem[],
  returned: readonly WriteRequest[],
  keyNames: readonly string[],
): SeedItem[] {
  const byKey = new Map(sent.map((item) => [item.key, item]));
  return returned.map(({ PutRequest }) => {
    const item = byKey.get(canonicalKey(PutRequest?.Item ?? {}, keyNames));
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
 * @param client with `maxAttempts: 1`, as the loader decides what is sent again
 */
export function createBatchSender(
  client: Pick<DynamoDBClient, "send">,
  table: string,
  keyNames: readonly string[],
): BatchSender {
  const putOne = async ({ item }: SeedItem): Promise<BatchAnswer> => {
    const { ConsumedCapacity } = await client.send(
      new PutItemCommand({ TableName: table, Item: item, ReturnConsumedCapacity: "TOTAL" }),
    );
    return { unprocessed: [], writeUnits: unitsOf(ConsumedCapacity && [ConsumedCapacity]) };
  };
  const putBatch = async (items: readonly SeedItem[]): Promise<BatchAnswer> => {
    const requests = items.map(({ item }) => ({ PutRequest: { Item: item } }));
    const { UnprocessedItems = {}, ConsumedCapacity } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: requests }, ReturnConsumedCapacity: "TOTAL" }),
    );
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
