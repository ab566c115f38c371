import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { chooseSegments } from "../../dynamo/choose-segments.ts";
import {
  deleteScan,
  deleteSegment,
  putScan,
  readDeadLetters,
  readScan,
  readSegments,
  type ScanRecord,
  type SegmentRecord,
  updateScan,
} from "../../ledger/index.ts";
import { NotConvergedError } from "../errors.ts";
import type { StepContext } from "../steps/step-context.ts";
import { addCounts, firstNamed } from "./batch.ts";
import type { ScanOutcome, ScanWork } from "./scan-work.ts";
import { workPass } from "./work-pass.ts";
import { writeInParts } from "./write-in-parts.ts";

/** The removal of segments, and what is said of their scan once they are gone. */
function removeSegments(
  segments: readonly SegmentRecord[],
  { fence }: StepContext,
  ...after: TransactWriteItem[]
): Promise<void> {
  const removals = segments.map((segment) => deleteSegment(fence.ledger, segment));
  return writeInParts(fence, [...removals, ...after]);
}

/** Forgets how far a step's scan has come. */
export async function dropScan(step: StepContext): Promise<void> {
  const { fence, identity } = step;
  const segments = await readSegments(fence.ledger, identity);
  await removeSegments(segments, step, deleteScan(fence.ledger, identity));
}

/** A scan's pass, and what is known of its segments; undefined where others may have been at work on them. */
interface Pass {
  readonly scan: ScanRecord;
  readonly known: readonly SegmentRecord[] | undefined;
}

/** Starts a scan, or takes up the one that an earlier run was at. */
async function beginScan(
  work: ScanWork,
  direction: ScanRecord["direction"],
  step: StepContext,
): Promise<Pass> {
  const { fence, identity, scanSettings, tableBytes } = step;
  const { ledger } = fence;
  const past = await readScan(ledger, identity);
  if (past?.direction === direction) {
    if (past.hash === identity.hash) return { scan: past, known: undefined };
    const edited = { ...past, hash: identity.hash, whole: false };
    await fence.write([updateScan(ledger, identity, edited)]);
    return { scan: edited, known: undefined };
  }
  const scan: ScanRecord = {
    ...identity,
    direction,
    whole: true,
    pass: 1,
    segments: scanSettings.segments ?? chooseSegments(tableBytes),
    counts: {},
    failures: work.maxFailures ? (await readDeadLetters(ledger, identity)).length : 0,
  };
  const others = past ? await readSegments(ledger, identity) : [];
  await removeSegments(others, step, putScan(ledger, scan));
  return { scan, known: [] };
}

async function nextPass(
  scan: ScanRecord,
  segments: readonly SegmentRecord[],
  step: StepContext,
): Promise<Pass> {
  const next = { ...scan, pass: scan.pass + 1, whole: true, counts: countsOf(scan, segments) };
  await removeSegments(segments, step, updateScan(step.fence.ledger, scan, next));
  return { scan: next, known: [] };
}

/** What this pass and those before it did. */
const countsOf = (scan: ScanRecord, segments: readonly SegmentRecord[]) =>
  segments.reduce((total, segment) => addCounts(total, segment.counts), scan.counts);

const sum = (segments: readonly SegmentRecord[], name: "found" | "left" | "setAside") =>
  segments.reduce((total, segment) => total + segment[name], 0);

/**
 * Passes over the table, in segments and with checkpoints, until a whole pass of consistent reads finds
 * nothing that still needs the step. A run that takes it up after a crash goes on at the checkpoints;
 * other processes may help ({@link joinScan}). Its records stay until the step is recorded as done.
 * @throws {NotConvergedError} when writers keep making such items.
 */
export async function runScan(
  work: ScanWork,
  direction: ScanRecord["direction"],
  step: StepContext,
): Promise<ScanOutcome> {
  const { identity } = step;
  let pass = await beginScan(work, direction, step);
  for (;;) {
    const { scan, known } = pass;
    const segments = await workPass(scan, { work, step, known });
    const [left, setAside] = [sum(segments, "left"), sum(segments, "setAside")];
    const remaining = sum(segments, "found") - left - setAside;
    if (remaining === 0 && scan.whole) {
      await removeSegments(segments, step);
      const named = firstNamed(segments.map((segment) => segment.named));
      return { counts: countsOf(scan, segments), passes: scan.pass, left, named, setAside };
    }
    if (scan.whole && scan.pass >= work.maxPasses) {
      await dropScan(step);
      throw new NotConvergedError(identity.step, work.maxPasses, remaining);
    }
    pass = await nextPass(scan, segments, step);
  }
}
