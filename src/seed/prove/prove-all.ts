import { canonicalKey } from "../../dynamo/canonical-item.ts";
import { hash128 } from "../../dynamo/hash128.ts";
import { scanSegments } from "../../dynamo/scan.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { itemsOf } from "../file/items-of.ts";
import { BucketSums } from "./bucket-sums.ts";
import { compareBuckets } from "./compare-buckets.ts";
import { type IndexCount, IndexExpectations } from "./count-indexes.ts";
import type { ProofOptions } from "./proof-options.ts";
import type { Comparison } from "./proof-subject.ts";

interface BothSides {
  readonly file: BucketSums;
  readonly table: BucketSums;
}

async function sumBothSides(
  { subject, hasher, expiring }: Comparison,
  expectations: IndexExpectations,
  options: ProofOptions,
): Promise<BothSides> {
  const { buckets = 65_536, segments, retryDeadlineMs, signal } = options;
  const keyNames = primaryKeyNames(subject.keys);
  const file = new BucketSums(buckets);
  for await (const { key, item } of itemsOf(subject.readFile(), signal)) {
    expiring?.count(item);
    file.add(hash128(key), hasher.hash(item));
  }
  const table = new BucketSums(buckets);
  const scan = { table: subject.table, segments, retryDeadlineMs, signal };
  let scanned = 0;
  await scanSegments(subject.client, scan, (items) => {
    scanned += items.length;
    options.onScanned?.(scanned);
    for (const item of items) {
      hasher.count(item);
      expectations.add(item);
      table.add(hash128(canonicalKey(item, keyNames)), hasher.hash(item));
    }
  });
  return { file, table };
}

/**
 * Compares all of a file with all of a table, and counts the entries of the indexes. Memory does not grow with
 * the data: both sides go into sums by bucket, and only the items of buckets that differ are looked at in a
 * second pass.
 */
export async function proveAll(comparison: Comparison, options: ProofOptions): Promise<IndexCount[]> {
  const { segments, retryDeadlineMs, signal, clock, indexes = [], onCounted } = options;
  const expectations = new IndexExpectations(indexes, comparison.expiring);
  const { file, table } = await sumBothSides(comparison, expectations, options);
  await compareBuckets({
    ...comparison,
    scope: options.scope,
    differing: file.differing(table),
    buckets: file.buckets,
    fileCounts: file.counts,
    itemsPerRound: options.itemsPerRound ?? 1_000_000,
    segments,
    retryDeadlineMs,
    signal,
  });
  const { client, table: name } = comparison.subject;
  const timeoutSeconds = options.indexTimeoutSeconds ?? 30;
  return expectations.compare({
    client,
    table: name,
    segments,
    timeoutSeconds,
    retryDeadlineMs,
    signal,
    clock,
    onCounted,
  });
}
