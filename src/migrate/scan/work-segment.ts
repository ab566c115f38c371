import { itemBytes } from "../../dynamo/item-size.ts";
import { type StoredItem, scanPage } from "../../dynamo/scan.ts";
import type { ScanRecord } from "../../ledger/index.ts";
import type { StepContext } from "../steps/step-context.ts";
import { Batch } from "./batch.ts";
import type { ScanWork } from "./scan-work.ts";
import type { HeldSegment, SegmentClaims } from "./segment-claims.ts";

/** What a pass works with, in this process. */
export interface PassContext {
  readonly scan: ScanRecord;
  readonly work: ScanWork;
  readonly step: StepContext;
  readonly claims: SegmentClaims;
  /** Items handed on together. */
  readonly gather: number;
  /** Aborted when any of the pass's segments fails, too. */
  readonly signal: AbortSignal;
}

/** Bytes of items that are held before they are handed on, however few they are. */
const GATHER_BYTES = 4 * 1024 * 1024;
/** How long found items wait for others, in milliseconds: what a crash would have to look for again. */
const GATHER_MS = 2_000;

/**
 * How long what is handed on together may take to be dealt with, in milliseconds: a run that is asked to stop
 * lets that come to its end.
 */
const BATCH_MS = 5_000;

/** Items found and not yet handed on. */
class Gathered {
  readonly #most: number;
  readonly #now: () => number;
  #items: StoredItem[] = [];
  #bytes = 0;
  #since = 0;
  /** The first page goes by itself: how fast its items are written tells how many may follow together. */
  #limit = 1;

  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  get isFull(): boolean {
    if (this.isEmpty) return false;
    const waited = this.#now() - this.#since;
    return this.#items.length >= this.#limit || this.#bytes >= GATHER_BYTES || waited >= GATHER_MS;
  }

  add(items: readonly StoredItem[]): void {
    if (this.isEmpty) this.#since = this.#now();
    this.#items.push(...items);
    for (const item of items) this.#bytes += itemBytes(item);
  }

  /** Hands the items on, and goes by how long that takes. */
  async handOn(work: (items: readonly StoredItem[]) => Promise<void>): Promise<void> {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    const start = this.#now();
    await work(items);
    const itemMs = (this.#now() - start) / items.length;
    this.#limit = Math.max(1, Math.min(this.#most, Math.floor(BATCH_MS / itemMs)));
  }
}

async function handOn(
  items: readonly StoredItem[],
  segment: HeldSegment,
  { work, step, claims }: PassContext,
): Promise<void> {
  await claims.assertFresh();
  if (segment.lost) return;
  const batch = new Batch(step.progress);
  try {
    await work.handle(items, batch);
    batch.end(items.length);
    segment.record = batch.addFound(segment.record);
  } finally {
    segment.record = batch.addDone(segment.record);
  }
}

/**
 * Goes over a claimed segment from its cursor on. The cursor moves only past pages whose items are all
 * dealt with.
 */
export async function workSegment(segment: HeldSegment, pass: PassContext): Promise<void> {
  const { scan, work, step, claims, signal } = pass;
  const gathered = new Gathered(pass.gather, () => step.fence.clock.now());
  let startKey = segment.record.cursor;
  do {
    signal.throwIfAborted();
    // Who is asked to stop begins no other page; the one under way is dealt with.
    step.fence.signal.throwIfAborted();
    const page = await scanPage(step.client, {
      table: step.table,
      segment: segment.record.segment,
      segments: scan.segments,
      startKey,
      filter: work.filter,
      attributes: work.attributes,
      limit: step.scanSettings.pageItems,
      retryDeadlineMs: step.patienceMs,
      signal,
      clock: step.clock,
    });
    startKey = page.LastEvaluatedKey;
    gathered.add(page.Items ?? []);
    segment.record = { ...segment.record, scanned: segment.record.scanned + (page.ScannedCount ?? 0) };
    const isLast = !startKey || step.fence.signal.aborted;
    if (gathered.isFull || (isLast && !gathered.isEmpty)) {
      await gathered.handOn((items) => handOn(items, segment, pass));
    }
    // A batch that was cut short throws: the cursor stays before its first page.
    if (gathered.isEmpty && !segment.lost) await claims.advance(segment, startKey);
  } while (startKey && !segment.lost);
}
