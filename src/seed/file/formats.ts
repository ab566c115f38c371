/** How a seed file is written, as `--format` names it. */
export const SEED_FORMATS = ["json-lines", "json", "dynamodb-json"] as const;

/**
 * How a seed file is written: one JSON object a line; objects in a list or one behind the other;
 * DynamoDB JSON in either of these.
 */
export type SeedFormat = (typeof SEED_FORMATS)[number];
