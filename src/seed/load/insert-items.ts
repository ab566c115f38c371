import { itemBytes, writeUnitsOfBytes } from "../../dynamo/item-size.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { SeedItem } from "../file/records.ts";
import { itemFromWire } from "../file/seed-item.ts";
import {
  type BatchAnswer,
  type BatchSender,
  costing,
  singleWriteAnswer,
  singleWriteBody,
  type WriteSender,
} from "./send-batch.ts";

/** What DynamoDB answers where an item of the key is there: the item, as ALL_OLD asks for it. */
interface ConditionFailure {
  readonly name: "ConditionalCheckFailedException";
  readonly Item?: StoredItem;
}

const isConditionFailure = (error: unknown): error is ConditionFailure =>
  error instanceof Error && error.name === "ConditionalCheckFailedException";

/** A condition that does not hold costs a write of the larger of the two items; the error does not say it. */
const unitsOfRefused = (put: SeedItem, stored: StoredItem) =>
  writeUnitsOfBytes(Math.max(put.bytes, itemBytes(stored)));

/**
 * Makes a sender that puts an item only where none has its key, and tells what stands there otherwise. It takes
 * one item at a time: BatchWriteItem knows no conditions (API_BatchWriteItem).
 * @param isEqual whether what stands there is what was to be put
 */
export function createInsertSender(
  writer: WriteSender,
  table: string,
  partitionKey: string,
  isEqual: (stored: StoredItem, put: StoredItem) => boolean,
): BatchSender {
  const names = JSON.stringify({ "#key": partitionKey });
  const condition = `"ConditionExpression":"attribute_not_exists(#key)","ExpressionAttributeNames":${names},"ReturnValuesOnConditionCheckFailure":"ALL_OLD",`;
  const refusalOf = (stored: StoredItem | undefined, seed: SeedItem) => {
    if (!stored) return "is there already";
    return isEqual(stored, seed.item) ? undefined : "is there already, with other attributes";
  };
  return async ([seed]): Promise<BatchAnswer> => {
    if (!seed) return { unprocessed: [], writeUnits: 0 };
    const body = singleWriteBody(table, seed, "put", condition);
    try {
      return singleWriteAnswer(await writer.send("PutItem", body, costing("PutItem", [seed])));
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      const stored = error.Item && itemFromWire(error.Item);
      const found = [{ seed, refusal: refusalOf(stored, seed) }];
      return { unprocessed: [], found, writeUnits: unitsOfRefused(seed, stored ?? {}) };
    }
  };
}
