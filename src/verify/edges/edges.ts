/** The edges at which answers go wrong, each in words for people. */
export const EDGES = {
  noRows: "no rows",
  oneRow: "one row",
  endedByDynamoDB: "a page that DynamoDB ends by itself",
  over1MB: "an answer of more than 1 MB",
  over100Keys: "more than 100 keys to look up",
  hash: "a name with #",
  nonAscii: "a name that is not ASCII",
  beyondBmp: "a name with a character beyond U+FFFF",
  utf8Order: "rows whose UTF-8 order is not JavaScript's",
  lastSortKey: "the last sort key of an item collection",
  pastTheEnd: "a page behind the last row",
} as const;

/** One edge. */
export type Edge = keyof typeof EDGES;

/** Every edge, in the order of the report. */
export const ALL_EDGES = Object.keys(EDGES) as Edge[];

/** Which edges each pattern met. */
export interface EdgeReport {
  patterns: {
    id: string;
    /** How many inputs it was asked on the edge items. */
    inputs: number;
    met: Edge[];
  }[];
  /** Edges that the patterns can have, by what they declare, and that none of them met. */
  unmet: Edge[];
  /** Why none was looked for; then the others are empty. */
  leftOut?: string;
}
