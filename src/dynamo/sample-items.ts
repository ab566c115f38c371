import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Clock } from "./clock.ts";
import { type ScanOptions, type StoredItem, scanPage } from "./scan.ts";

/** What to read of a table, and how much. */
export interface SampleOptions extends Pick<ScanOptions, "table" | "index" | "consistent" | "filter"> {
  /** Into how many segments the table is cut; they are read in random order. */
  readonly segments: number;
  /** Segments to read. Default: all, up to `maxItems`. */
  readonly take?: number;
  /** Read no further page once so many items were read, before the filter. Default: no bound. */
  readonly maxItems?: number;
  /** Read no further page once so many read units were used. Default: no bound. */
  readonly maxUnits?: number;
  /** Give up on a page that cannot be read for so long, in milliseconds. Default: that of `retryFailures`. */
  readonly retryDeadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: the process's own. */
  readonly clock?: Clock | undefined;
  /** Where randomness comes from. Default `Math.random`. */
  readonly random?: () => number;
}

/** What was read. */
export interface SampleTotals {
  /** Items read, before the filter. */
  readonly scanned: number;
  /** Read units, as DynamoDB reports them. */
  readonly units: number;
  /** Whether that was all there is. */
  readonly whole: boolean;
}

/** The numbers below `count`, each once, in random order; nothing is held of those not asked for. */
function* shuffled(count: number, random: () => number): Generator<number> {
  const moved = new Map<number, number>();
  for (let left = count; left > 0; left -= 1) {
    const index = Math.floor(random() * left);
    yield moved.get(index) ?? index;
    moved.set(index, moved.get(left - 1) ?? left - 1);
  }
}

/** Reads random segments of a table, page after page, until it has read enough. */
export async function sampleItems(
  client: Pick<DynamoDBClient, "send">,
  options: SampleOptions,
  onPage: (items: StoredItem[], segment: number) => void,
): Promise<SampleTotals> {
  const { table, index, consistent = false, segments, take = segments, filter } = options;
  const { maxItems = Number.POSITIVE_INFINITY, maxUnits = Number.POSITIVE_INFINITY } = options;
  const { signal, clock, random = Math.random, retryDeadlineMs } = options;
  const place = { table, index, consistent, segments, filter, signal, clock, retryDeadlineMs };
  let [scanned, units, finished] = [0, 0, 0];
  const isEnough = () => scanned >= maxItems || units >= maxUnits;
  const readSegment = async (segment: number) => {
    let startKey: StoredItem | undefined;
    do {
      const page = await scanPage(client, { ...place, segment, startKey });
      scanned += page.ScannedCount ?? 0;
      units += page.ConsumedCapacity?.CapacityUnits ?? 0;
      onPage(page.Items ?? [], segment);
      startKey = page.LastEvaluatedKey;
    } while (startKey && !isEnough());
    if (!startKey) finished += 1;
  };
  for (const segment of shuffled(segments, random)) {
    if (finished >= take || isEnough()) break;
    await readSegment(segment);
  }
  return { scanned, units, whole: finished === segments };
}
