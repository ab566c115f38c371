/** How a seed file is written, as `--format` names it. */
export const SEED_FORMATS = ["json-lines", "json", "dynamodb-json", "csv", "tsv"] as const;

/**
 * How a seed file is written: one JSON object a line; objects in a list or one behind the other;
 * DynamoDB JSON in either of these; cells between commas or tabs, below a header with types.
 */
export type SeedFormat = (typeof SEED_FORMATS)[number];
