import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from "@aws-sdk/client-dynamodb";
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

/**
 * Makes a sender that puts whole items with BatchWriteItem.
 * @param client with `maxAttempts: 1`, as the loader decides what is sent again
 */
export function createBatchSender(
  client: Pick<DynamoDBClient, "send">,
  table: string,
  keyNames: readonly string[],
): BatchSender {
  return async (items) => {
    const requests = items.map(({ item }) => ({ PutRequest: { Item: item } }));
    const answer = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: requests }, ReturnConsumedCapacity: "TOTAL" }),
    );
    const returned = Object.values(answer.UnprocessedItems ?? {}).flat();
    return {
      unprocessed: matchUnprocessed(items, returned, keyNames),
      writeUnits: (answer.ConsumedCapacity ?? []).reduce(
        (units, { CapacityUnits = 0 }) => units + CapacityUnits,
        0,
      ),
    };
  };
}
