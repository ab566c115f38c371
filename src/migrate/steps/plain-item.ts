import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { PlainItem } from "../definition/values.ts";

/** DynamoDB's numbers have 38 digits: one that JavaScript would round stays text. */
const exactNumber = (text: string): number | string => (String(Number(text)) === text ? Number(text) : text);

/** An item as plain values, for the functions of a migration. */
export function toPlainItem(item: StoredItem): PlainItem {
  return unmarshall(item, { wrapNumbers: exactNumber });
}
