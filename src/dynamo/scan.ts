import { once } from "node:events";
import { PassThrough } from "node:stream";
import {
  type AttributeValue,
  type DynamoDBClient,
  ScanCommand,
  type ScanCommandInput,
  type ScanCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { retryFailures } from "./backoff.ts";
import type { Clock } from "./clock.ts";

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
  /** Return only these attributes of each item. Default: all. It spares the wire, not the read units. */
  attributes?: readonly string[] | undefined;
  /** Return the number of items only. Default false. */
  countOnly?: boolean;
  /** Give up on a page that cannot be read for so long, in milliseconds. Default 30,000. */
  retryDeadlineMs?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Default: the process's own. */
  clock?: Clock | undefined;
}

/** A page of a scan. */
export interface PageRequest extends Omit<ScanOptions, "segments"> {
  readonly segment: number;
  /** TotalSegments: a start key means something only together with it. */
  readonly segments: number;
  /** Where the page begins; undefined at the segment's start. */
  readonly startKey?: StoredItem | undefined;
  /** Items that it reads at most, before the filter. */
  readonly limit?: number | undefined;
}

function projection({ attributes, filter = {} }: PageRequest) {
  if (!attributes) return filter;
  const aliases = Object.fromEntries(attributes.map((name, index) => [`#p${index}`, name]));
  return {
    ...filter,
    ProjectionExpression: Object.keys(aliases).join(", "),
    ExpressionAttributeNames: { ...filter.ExpressionAttributeNames, ...aliases },
  };
}

/** Reads one page. Throttles and broken connections are retried. */
export function scanPage(
  client: Pick<DynamoDBClient, "send">,
  request: PageRequest,
): Promise<ScanCommandOutput> {
  const { table, index, segment, segments, startKey, consistent = true, countOnly = false } = request;
  const { signal, clock, retryDeadlineMs: deadlineMs = 30_000 } = request;
  const command = new ScanCommand({
    TableName: table,
    IndexName: index,
    ConsistentRead: consistent,
    Segment: segment,
    TotalSegments: segments,
    ExclusiveStartKey: startKey,
    Limit: request.limit,
    ReturnConsumedCapacity: "TOTAL",
    Select: countOnly ? "COUNT" : undefined,
    ...projection(request),
  });
  return retryFailures(() => client.send(command, { abortSignal: signal }), { signal, deadlineMs, clock });
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
  const { segments = 4, countOnly = false } = options;
  const totals: ScanTotals = { items: 0, scanned: 0, pages: 0, units: 0 };
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;

  const scanSegment = async (segment: number) => {
    let startKey: StoredItem | undefined;
    do {
      signal.throwIfAborted();
      const page = await scanPage(client, { ...options, segment, segments, startKey, signal });
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

/**
 * The pages of {@link scanSegments}, one after the other as they come: no segment reads on before its page
 * was taken. Whoever takes no more ends the scan.
 */
export async function* scanPages(
  client: Pick<DynamoDBClient, "send">,
  options: ScanOptions,
): AsyncGenerator<StoredItem[]> {
  const left = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
  const pages = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const scan = scanSegments(client, { ...options, signal }, async (items) => {
    if (!pages.write(items)) await once(pages, "drain", { signal });
  }).then(
    () => pages.end(),
    (error) => pages.destroy(error),
  );
  try {
    yield* pages;
  } finally {
    left.abort();
    await scan;
  }
}
