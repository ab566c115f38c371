import {
  type AttributeValue,
  type DynamoDBClient,
  ScanCommand,
  type ScanCommandInput,
} from "@aws-sdk/client-dynamodb";
import { retryFailures } from "./backoff.ts";

/** An item as DynamoDB stores it. */
export type StoredItem = Record<string, AttributeValue>;

/** What to scan and how. */
export interface ScanOptions {
  table: string;
  /** Parallel segments. Default 4. */
  segments?: number;
  /** Strongly consistent reads. Default true; a scan of an index must say false. */
  consistent?: boolean;
  index?: string;
  /** A filter, with its names and values. */
  filter?: Pick<
    ScanCommandInput,
    "FilterExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
  >;
  /** Return the number of items only. Default false. */
  countOnly?: boolean;
  /** Give up on a page that cannot be read for so long, in milliseconds. Default 30,000. */
  retryDeadlineMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What a scan went over. */
export interface ScanTotals {
  /** Items that came back, after the filter. */
  items: number;
  /** Items read, before the filter. */
  scanned: number;
  pages: number;
  /** Read units, as DynamoDB reports them. */
  units: number;
}

/**
 * Scans a table or index in parallel segments, every page of each, and gives each page to `onPage`. A
 * segment reads its next page only when `onPage` has settled, so memory stays at one page a segment.
 * Throttles and broken connections are retried; the first error of any segment stops all.
 */
export async function scanSegments(
  client: Pick<DynamoDBClient, "send">,
  options: ScanOptions,
  onPage: (items: StoredItem[], segment: number) => Promise<void> | void,
): Promise<ScanTotals> {
  const { table, segments = 4, consistent = true, index, filter = {}, countOnly = false } = options;
  const { retryDeadlineMs: deadlineMs = 30_000 } = options;
  const totals: ScanTotals = { items: 0, scanned: 0, pages: 0, units: 0 };
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;

  const scanSegment = async (segment: number) => {
    let startKey: StoredItem | undefined;
    do {
      signal.throwIfAborted();
      const command = new ScanCommand({
        TableName: table,
        IndexName: index,
        ConsistentRead: consistent,
        Segment: segment,
        TotalSegments: segments,
        ExclusiveStartKey: startKey,
        ReturnConsumedCapacity: "TOTAL",
        Select: countOnly ? "COUNT" : undefined,
        ...filter,
      });
      const page = await retryFailures(() => client.send(command, { abortSignal: signal }), {
        signal,
        deadlineMs,
      });
      totals.items += page.Count ?? 0;
      totals.scanned += page.ScannedCount ?? 0;
      totals.pages += 1;
      totals.units += page.ConsumedCapacity?.CapacityUnits ?? 0;
      if (!countOnly) await onPage(page.Items ?? [], segment);
      startKey = page.LastEvaluatedKey;
    } while (startKey);
  };

  const running = Array.from({ length: segments }, (_, segment) =>
    scanSegment(segment).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  // Every segment must have ended before the caller goes on, or a late page would reach a dead sink.
  const outcomes = await Promise.allSettled(running);
  options.signal?.throwIfAborted();
  if (stop.signal.aborted) throw stop.signal.reason;
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return totals;
}
