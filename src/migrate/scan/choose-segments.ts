/**
 * Bytes of a segment, roughly: some seconds of work, so that processes can share a scan, and few enough
 * segments that their records stay a handful.
 */
const SEGMENT_BYTES = 32 * 1024 * 1024;
const MIN_SEGMENTS = 4;
/** A record each: 1,024 of them are read in one page. DynamoDB itself takes a million (API_Scan, TotalSegments). */
const MAX_SEGMENTS = 1_024;

/**
 * TotalSegments for a table: a power of two.
 * @param tableBytes the table's size as DescribeTable has it, which is some hours old
 */
export function chooseSegments(tableBytes: number): number {
  const wanted = Math.ceil(Math.log2(Math.max(1, tableBytes / SEGMENT_BYTES)));
  return Math.min(MAX_SEGMENTS, Math.max(MIN_SEGMENTS, 2 ** wanted));
}
