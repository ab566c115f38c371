import { DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { retryFailures } from "./backoff.ts";
import type { Sender } from "./describe.ts";
import type { StoredItem } from "./scan.ts";

/** Older values do not expire an item (TTL, "Formatting an item's TTL attribute": no more than five years in the past). */
const OLDEST_SECONDS = 5 * 366 * 86_400;

/**
 * The attribute by which a table's items expire; undefined where Time to Live is off. A change may take an
 * hour to work (API_UpdateTimeToLive), so what is going on or off counts as on.
 */
export async function timeToLiveAttribute(
  client: Sender,
  table: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const request = new DescribeTimeToLiveCommand({ TableName: table });
  const ask = () => client.send(request, { abortSignal: signal });
  const { TimeToLiveDescription: found } = await retryFailures(ask, { signal });
  return found?.TimeToLiveStatus === "DISABLED" ? undefined : found?.AttributeName;
}

/**
 * Whether DynamoDB may delete an item by Time to Live at a time: its attribute is a number of seconds since
 * 1970 that has passed by then, by no more than five years.
 * @param at seconds since 1970
 */
export function isExpired(item: StoredItem, attribute: string, at: number): boolean {
  const expiry = Number(item[attribute]?.N ?? Number.NaN);
  return expiry < at && expiry > at - OLDEST_SECONDS;
}
