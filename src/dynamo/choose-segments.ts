import { MAX_PAGE_BYTES, MAX_SCAN_SEGMENTS } from "./limits.ts";

/** Small tables are read by some at once too. */
const MIN_SEGMENTS = 4;

/** Bytes of a segment that processes share and keep a record of, roughly: some pages. */
const SHARED_SEGMENT_BYTES = 8 * 1024 * 1024;
/** A record each: 1,024 of them are read in one page. */
const MAX_SHARED_SEGMENTS = 1_024;

/**
 * Bytes of a segment that is only read, roughly: two pages. DynamoDB Local sorts what is left of a segment for
 * every page, and answers nobody else meanwhile: of 1,155,519 items a page took 3 s in 4 segments, and 0.06 s in
 * 128, and the whole scan 16 s. On AWS a segment costs no more than a page that is rounded up.
 */
const READ_SEGMENT_BYTES = 2 * 1024 * 1024;

/**
 * TotalSegments of a scan that processes share: a power of two.
 * @param tableBytes the table's size as DescribeTable has it, which is some hours old
 */
export function chooseSegments(tableBytes: number): number {
  const wanted = Math.ceil(Math.log2(Math.max(1, tableBytes / SHARED_SEGMENT_BYTES)));
  return Math.min(MAX_SHARED_SEGMENTS, Math.max(MIN_SEGMENTS, 2 ** wanted));
}

const segmentsOf = (tableBytes: number, segmentBytes: number, least: number): number =>
  Math.min(MAX_SCAN_SEGMENTS, Math.max(least, Math.ceil(tableBytes / segmentBytes)));

/** TotalSegments of a scan that only reads. @param tableBytes as for {@link chooseSegments} */
export const segmentsToRead = (tableBytes: number): number =>
  segmentsOf(tableBytes, READ_SEGMENT_BYTES, MIN_SEGMENTS);

/** TotalSegments of about one page each, to draw samples from. @param tableBytes as for {@link chooseSegments} */
export const segmentsOfOnePage = (tableBytes: number): number => segmentsOf(tableBytes, MAX_PAGE_BYTES, 1);
