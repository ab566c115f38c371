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
import { segmentsToRead } from "./choose-segments.ts";
import type { Clock } from "./clock.ts";
import { describeTable } from "./describe.ts";

/** An item as DynamoDB stores it. */
export type StoredItem = Record<string, AttributeValue>;

/** What to scan and how. */
export interface ScanOptions {
  table: string;
  /** TotalSegments. Default: as {@link segmentsToRead} has them for the table's size, by a DescribeTable. */
  segments?: number | undefined;
  /** How many of them are read at the same time. Default 4. */
  atOnce?: number | undefined;
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
export interface PageRequest extends Omit<ScanOptions, "segments" | "atOnce"> {
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

async function segmentsOf(
  client: Pick<DynamoDBClient, "send">,
  { table, signal, retryDeadlineMs: deadlineMs, clock }: ScanOptions,
): Promise<number> {
  const look = () => describeTable(client, table, signal);
  const description = await retryFailures(look, { signal, deadlineMs, clock });
  return segmentsToRead(description?.TableSizeBytes ?? 0);
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
 * Scans a table or index in segments, some at the same time, every page of each, and gives each page to `onPage`.
 * A segment reads its next page only when `onPage` has settled, so memory stays at a page for each of those that
 * are read at once. `onPage` is told how many items there are, too: it gets none of them where they are only counted.
 * Throttles and broken connections are retried; the first error of any segment stops all.
 */
export async function scanSegments(
  client: Pick<DynamoDBClient, "send">,
  options: ScanOptions,
  onPage: (items: StoredItem[], count: number) => Promise<void> | void,
): Promise<ScanTotals> {
  const { segments = await segmentsOf(client, options), atOnce = 4 } = options;
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
      await onPage(page.Items ?? [], page.Count ?? 0);
      startKey = page.LastEvaluatedKey;
    } while (startKey);
  };

  let next = 0;
  const scanNext = async () => {
    try {
      while (next < segments) {
        next += 1;
        await scanSegment(next - 1);
      }
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  };
  const running = Array.from({ length: Math.min(atOnce, segments) }, scanNext);
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
