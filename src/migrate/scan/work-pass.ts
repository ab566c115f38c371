import { setMaxListeners } from "node:events";
import {
  type Observation,
  observe,
  readSegments,
  type ScanRecord,
  type SegmentRecord,
} from "../../ledger/index.ts";
import type { StepContext } from "../steps/step-context.ts";
import { addCounts } from "./batch.ts";
import type { ScanWork } from "./scan-work.ts";
import { type Claimable, SegmentClaims } from "./segment-claims.ts";
import { type PassContext, workSegment } from "./work-segment.ts";

const WORKERS = 4;
const GATHER = 1_250;
const CHECKPOINT_MS = 1_000;
const POLL_MS = 500;

/** What is known of a pass's segments, and of who shows signs of life. */
class SegmentWatch {
  readonly #scan: ScanRecord;
  readonly #step: StepContext;
  readonly #observations = new Map<number, Observation>();
  segments: readonly SegmentRecord[] = [];

  constructor(scan: ScanRecord, step: StepContext) {
    this.#scan = scan;
    this.#step = step;
  }

  async look(): Promise<void> {
    const all = await readSegments(this.#step.fence.ledger, this.#scan);
    this.learn(all.filter(({ pass }) => pass === this.#scan.pass));
  }

  /** Takes the segments as somebody knows them. */
  learn(segments: readonly SegmentRecord[]): void {
    const { clock } = this.#step.fence;
    this.segments = segments;
    for (const record of segments) {
      const { segment } = record;
      this.#observations.set(segment, observe(this.#observations.get(segment), record, clock.now()));
    }
  }

  get done(): number {
    return this.segments.filter(({ state }) => state === "done").length;
  }

  get isOver(): boolean {
    return this.done === this.#scan.segments;
  }

  /** Segments that nobody works on: untouched ones, those of an earlier run, and those of the dead. */
  claimable(claims: SegmentClaims): Claimable[] {
    const known = new Map(this.segments.map((record) => [record.segment, record]));
    return Array.from({ length: this.#scan.segments }, (_, segment) => ({
      segment,
      seen: known.get(segment),
    })).filter(({ seen }) => seen === undefined || (seen.state === "open" && this.#isFree(seen, claims)));
  }

  #isFree(record: SegmentRecord, claims: SegmentClaims): boolean {
    const { segment, version, term, leaseMs } = record;
    const { fence } = this.#step;
    if (claims.hasForgotten(record)) return true;
    // The run that its owner worked for is over: whatever the owner still sends is refused.
    if (term !== fence.term) return true;
    const observation = this.#observations.get(segment);
    if (observation?.version !== version) return false;
    return fence.clock.now() - observation.since >= Math.max(leaseMs, fence.leaseMs);
  }
}

/** Hands out segments to this process's workers; as many as there are workers are claimed together. */
async function* segmentsToWork(watch: SegmentWatch, claims: SegmentClaims, workers: number) {
  const free = watch.claimable(claims);
  for (let wanted = free.splice(0, workers); wanted.length > 0; wanted = free.splice(0, workers)) {
    yield* await claims.claim(wanted);
  }
}

/** What all segments of a pass came to. */
function sumUp(segments: readonly SegmentRecord[]) {
  const start = { scanned: 0, found: 0, left: 0, setAside: 0, counts: {} };
  return segments.reduce(
    (sums, { scanned, found, left, setAside, counts }) => ({
      scanned: sums.scanned + scanned,
      found: sums.found + found,
      left: sums.left + left,
      setAside: sums.setAside + setAside,
      counts: addCounts(sums.counts, counts),
    }),
    start,
  );
}

/** What a pass is worked on with, besides its scan. */
export interface PassOptions {
  readonly work: ScanWork;
  readonly step: StepContext;
  /** The segments of the pass, where nobody else can have worked on it yet. */
  readonly known?: readonly SegmentRecord[] | undefined;
  /** Whether the run has gone on to another pass. Asked before waiting for others' segments. Default: no. */
  readonly isStale?: () => Promise<boolean>;
}

/** A pass and what ends it early. */
interface RunningPass extends PassContext {
  /** Stops every worker, by the first failure of one. */
  readonly failed: AbortController;
}

/** Works on what nobody else works on, and says in the ledger how far it came, also where it was stopped. */
async function workClaimable(watch: SegmentWatch, pass: RunningPass, workers: number): Promise<void> {
  const { claims, failed, signal } = pass;
  const segments = segmentsToWork(watch, claims, workers);
  let done = watch.done;
  const worker = async () => {
    for (let next = await segments.next(); !next.done; next = await segments.next()) {
      await workSegment(next.value, pass);
      done += next.value.lost ? 0 : 1;
      pass.step.progress.segmentsDone(done);
    }
  };
  const fail = (error: unknown) => failed.abort(error);
  await Promise.all(Array.from({ length: workers }, () => worker().catch(fail)));
  await claims.save().catch(fail);
  pass.step.fence.signal.throwIfAborted();
  signal.throwIfAborted();
}

async function goOver(watch: SegmentWatch, pass: RunningPass, options: PassOptions): Promise<void> {
  const { workers = WORKERS } = options.step.scanSettings;
  const { clock, leaseMs } = options.step.fence;
  if (options.known) watch.learn(options.known);
  else await watch.look();
  for (;;) {
    if (watch.isOver || (await options.isStale?.())) return;
    if (watch.claimable(pass.claims).length > 0) await workClaimable(watch, pass, workers);
    else
      await clock.sleep(
        Math.min(POLL_MS, leaseMs / 4),
        AbortSignal.any([pass.signal, options.step.fence.signal]),
      );
    if (pass.claims.done.length === pass.scan.segments) watch.learn(pass.claims.done);
    else await watch.look();
  }
}

/**
 * Works on a pass, beside other processes that do, until each of its segments is gone over to its end, by
 * whomever.
 * @returns the segments as they stand in the ledger
 */
export async function workPass(scan: ScanRecord, options: PassOptions): Promise<readonly SegmentRecord[]> {
  const { work, step } = options;
  const { gather = GATHER, checkpointMs = CHECKPOINT_MS } = step.scanSettings;
  const claims = new SegmentClaims(step.fence, scan, checkpointMs);
  const watch = new SegmentWatch(scan, step);
  const failed = new AbortController();
  const ended = new AbortController();
  const signal = AbortSignal.any([step.fence.lost, failed.signal]);
  setMaxListeners(0, signal);
  const startedAt = step.clock.now();
  const { migration, step: name, pass, segments } = scan;
  const facts = { migration, step: name, pass, segments };
  step.progress.pass(segments, pass);
  step.progress.tell({ type: "passBegun", ...facts });
  const alive = claims.keepAlive(ended.signal).catch((error: unknown) => failed.abort(error));
  try {
    await goOver(watch, { scan, work, step, claims, gather, signal, failed }, options);
    const seconds = Math.round(step.clock.now() - startedAt) / 1000;
    step.progress.tell({ type: "passFinished", ...facts, seconds, ...sumUp(watch.segments) });
    return watch.segments;
  } finally {
    ended.abort();
    await alive;
  }
}
