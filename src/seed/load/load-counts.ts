/** What became of the items of a load: `read` is the sum of the others. */
export interface LoadCounts {
  /** Items in the file, defective lines included. */
  readonly read: number;
  readonly written: number;
  /** Already in the table, equal. */
  readonly identical: number;
  /** Refused by DynamoDB, or not items at all: in the rejects file. */
  readonly rejected: number;
  /** Left out in favour of another item of the file with the same key. */
  readonly superseded: number;
  /** Not sent, or sent and certainly not carried out, when the load stopped. */
  readonly unwritten: number;
  /** Sent, but the answer was lost and it could not be sent again. */
  readonly unknown: number;
}

/** An item's end: every item that is read comes to exactly one. */
export type Fate = Exclude<keyof LoadCounts, "read">;

/** The counts alone, of something that says more. */
export function sumOf(counts: LoadCounts): LoadCounts {
  const { read, written, identical, rejected, superseded, unwritten, unknown } = counts;
  return { read, written, identical, rejected, superseded, unwritten, unknown };
}
