import { canonicalKey, hash128 } from "../../dynamo/canonical-item.ts";
import { classifyFailure } from "../../dynamo/classify.ts";
import { ThrottledError } from "../../dynamo/errors.ts";
import type { DeclaredWrites } from "../../dynamo/item-pattern.ts";
import { scanSegments } from "../../dynamo/scan.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { itemsOf } from "../file/items-of.ts";
import { BucketSums } from "./bucket-sums.ts";
import { compareBuckets, type Findings } from "./compare-buckets.ts";
import { ItemHasher } from "./leave-out.ts";
import { indeterminateProof, type Proof, type ProofScope } from "./proof.ts";
import type { ProofSubject } from "./proof-subject.ts";

/** How a table is compared with a file. */
export interface ProofOptions {
  readonly scope: ProofScope;
  /** What applied migrations wrote: left out on both sides. */
  readonly leftOut?: readonly DeclaredWrites[] | undefined;
  /** Segments of the parallel scan. Default 4. */
  readonly segments?: number | undefined;
  /** Give up on a page that cannot be read for so long, in milliseconds. Default 30,000. */
  readonly retryDeadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default 65,536, the most. */
  readonly buckets?: number;
  /** Items of the file that are held at once in the second pass, 43 to 85 bytes each. Default 1,000,000. */
  readonly itemsPerRound?: number;
}

const DEFAULT_SEGMENTS = 4;

interface BothSides {
  readonly file: BucketSums;
  readonly table: BucketSums;
}

async function sumBothSides(
  subject: ProofSubject,
  hasher: ItemHasher,
  options: ProofOptions,
): Promise<BothSides> {
  const { buckets = 65_536, segments = DEFAULT_SEGMENTS, retryDeadlineMs, signal } = options;
  const keyNames = primaryKeyNames(subject.keys);
  const file = new BucketSums(buckets);
  for await (const { key, item } of itemsOf(subject.readFile(), signal)) {
    file.add(hash128(key), hasher.hash(item));
  }
  const table = new BucketSums(buckets);
  const scan = { table: subject.table, segments, retryDeadlineMs, signal };
  await scanSegments(subject.client, scan, (items) => {
    for (const item of items) {
      hasher.count(item);
      table.add(hash128(canonicalKey(item, keyNames)), hasher.hash(item));
    }
  });
  return { file, table };
}

function judge(findings: Findings, scope: ProofScope, hasher: ItemHasher): Proof {
  const { missing, extra, different, differences } = findings;
  const isEqual = missing === 0 && different === 0 && (extra === 0 || scope === "contained");
  const status = isEqual ? "equal" : "different";
  return { status, scope, missing, extra, different, differences, leftOut: hasher.report() };
}

async function prove(subject: ProofSubject, options: ProofOptions): Promise<Proof> {
  const hasher = new ItemHasher(options.leftOut ?? []);
  const { file, table } = await sumBothSides(subject, hasher, options);
  const findings = await compareBuckets({
    subject,
    hasher,
    scope: options.scope,
    differing: file.differing(table),
    buckets: file.buckets,
    fileCounts: file.counts,
    itemsPerRound: options.itemsPerRound ?? 1_000_000,
    segments: options.segments ?? DEFAULT_SEGMENTS,
    retryDeadlineMs: options.retryDeadlineMs,
    signal: options.signal,
  });
  return judge(findings, options.scope, hasher);
}

/** Whether a failure says nothing about the table: out of capacity, or nobody there. */
function leavesItOpen(error: unknown): boolean {
  return error instanceof ThrottledError || ["throttled", "unavailable"].includes(classifyFailure(error));
}

/**
 * Compares a table with a file, by key and by content, where equal is what is equal to DynamoDB. Memory
 * does not grow with the data: both sides go into sums by bucket, and only the items of buckets that
 * differ are looked at in a second pass. Each difference is read again before it counts; still, a
 * proof wants a table that nobody else writes to.
 */
export async function proveTable(subject: ProofSubject, options: ProofOptions): Promise<Proof> {
  try {
    return await prove(subject, options);
  } catch (error) {
    if (!leavesItOpen(error)) throw error;
    const reason = error instanceof Error ? error.message || error.name : String(error);
    return indeterminateProof(`the table could not be read to its end: ${reason}`, options.scope);
  }
}
