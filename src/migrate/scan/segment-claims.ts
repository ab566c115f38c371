import { randomUUID } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { StoredItem } from "../../dynamo/scan.ts";
import {
  checkPass,
  claimSegment,
  type Fence,
  HOLDER_SHARE,
  refusedActions,
  type ScanRecord,
  type SegmentRecord,
  saveSegment,
} from "../../ledger/index.ts";

/** A segment that this process works on. */
export interface HeldSegment {
  record: SegmentRecord;
  /** Another process has taken it over: nothing more is done on it here. */
  lost: boolean;
}

/** A segment to be claimed, and its record as it was read; undefined where nobody has worked on it. */
export interface Claimable {
  readonly segment: number;
  readonly seen: SegmentRecord | undefined;
}

/** Segments gone over to their end that wait for the next checkpoint to say so. */
const MAX_FINISHED = 50;

/**
 * Writes actions in one transaction; those whose own conditions do not hold are left out.
 * @param guards what has to hold for any of them
 * @returns for each action whether it was written
 */
async function writeAllowed(
  fence: Fence,
  guards: readonly TransactWriteItem[],
  actions: readonly TransactWriteItem[],
): Promise<boolean[]> {
  let left = [...actions];
  while (left.length > 0) {
    try {
      await fence.write([...guards, ...left]);
      break;
    } catch (error) {
      const refused = refusedActions(error);
      if (!refused) throw error;
      const guarded = guards.some((_, index) => refused.has(index));
      left = guarded ? [] : left.filter((_, index) => !refused.has(guards.length + index));
    }
  }
  return actions.map((action) => left.includes(action));
}

/**
 * The segments of one pass that this process holds. Their checkpoints go into the ledger together, in one
 * transaction under the table's lease, which is their sign of life too.
 */
export class SegmentClaims {
  readonly #fence: Fence;
  readonly #scan: ScanRecord;
  readonly #checkpointMs: number;
  readonly #owner = randomUUID();
  readonly #held = new Set<HeldSegment>();
  /** The segments that this process has gone over to their end, as they stand in the ledger. */
  readonly done: SegmentRecord[] = [];
  #saving: Promise<void> = Promise.resolve();
  /** When the last write that went through was sent. */
  #shownAt: number;

  constructor(fence: Fence, scan: ScanRecord, checkpointMs: number) {
    this.#fence = fence;
    this.#scan = scan;
    this.#checkpointMs = checkpointMs;
    this.#shownAt = fence.clock.now();
  }

  /** Claims segments; those that somebody else was quicker to claim are left out. */
  async claim(wanted: readonly Claimable[]): Promise<HeldSegment[]> {
    const records = wanted.map(({ segment, seen }) => this.#ownRecord(segment, seen));
    const { ledger } = this.#fence;
    const actions = wanted.map(({ seen }, index) =>
      claimSegment(ledger, records[index] as SegmentRecord, seen),
    );
    const written = await writeAllowed(this.#fence, [checkPass(ledger, this.#scan)], actions);
    const held = records.filter((_, index) => written[index]).map((record) => ({ record, lost: false }));
    for (const segment of held) this.#held.add(segment);
    return held;
  }

  /** Whether a record says that this process holds its segment, and it does not: a claim whose answer was lost. */
  hasForgotten({ owner, segment }: SegmentRecord): boolean {
    return owner === this.#owner && ![...this.#held].some(({ record }) => record.segment === segment);
  }

  /** All before `cursor` is dealt with; without one, the whole segment is. */
  async advance(segment: HeldSegment, cursor: StoredItem | undefined): Promise<void> {
    segment.record = { ...segment.record, cursor, state: cursor ? "open" : "done" };
    const finished = [...this.#held].filter(({ record }) => record.state === "done").length;
    const due = this.#fence.clock.now() - this.#shownAt >= this.#checkpointMs;
    if (due || finished >= MAX_FINISHED) await this.save();
  }

  /** Makes sure that the segments are still this process's own, where it has not shown itself for long. */
  async assertFresh(): Promise<void> {
    const { clock, leaseMs } = this.#fence;
    if (clock.now() - this.#shownAt >= leaseMs * HOLDER_SHARE) await this.save();
  }

  /** Writes the checkpoints of all held segments, and lets go of those that are done. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  /** Shows that the segments are worked on while no page ends, until `stop` is aborted. */
  async keepAlive(stop: AbortSignal): Promise<void> {
    const { clock, heartbeatMs } = this.#fence;
    while (!stop.aborted) {
      await clock.sleep(heartbeatMs, stop).catch(() => {});
      if (!stop.aborted && clock.now() - this.#shownAt >= heartbeatMs) await this.save();
    }
  }

  async #save(): Promise<void> {
    const { clock, ledger } = this.#fence;
    const segments = [...this.#held];
    if (segments.length === 0) return;
    const sentAt = clock.now();
    const saved = segments.map(({ record }) => ({ ...record, version: record.version + 1 }));
    const written = await writeAllowed(
      this.#fence,
      [],
      saved.map((record) => saveSegment(ledger, record)),
    );
    this.#shownAt = sentAt;
    for (const [index, segment] of segments.entries()) {
      const record = saved[index] as SegmentRecord;
      segment.record = { ...segment.record, version: record.version };
      if (!written[index]) segment.lost = true;
      else if (record.state === "done") this.done.push(record);
      if (!written[index] || record.state === "done") this.#held.delete(segment);
    }
  }

  #ownRecord(segment: number, seen: SegmentRecord | undefined): SegmentRecord {
    const { migration, step, pass } = this.#scan;
    const { term, leaseMs } = this.#fence;
    const fresh = { scanned: 0, found: 0, left: 0, setAside: 0, named: [], counts: {}, version: 0 };
    const before = seen ?? { ...fresh, migration, step, pass, segment, state: "open" as const };
    return { ...before, owner: this.#owner, term, leaseMs, version: before.version + 1 };
  }
}
