/**
 * Bytes of a segment, roughly: some pages, so that processes can share a scan. DynamoDB Local sorts what is
 * left of a segment for every page (measured: a page of one segment of 150,000 items takes 3 s, one of eight
 * 0.2 s), and answers nobody else meanwhile.
 */
const SEGMENT_BYTES = 8 * 1024 * 1024;
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
