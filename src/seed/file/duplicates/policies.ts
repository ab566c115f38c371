/** What is done about items with one key. */
export const DUPLICATE_POLICIES = ["error", "first", "last", "identical-ok"] as const;

/**
 * What is done about items with one key: each but the first is a defect; the first or the last is loaded; those
 * equal to the first are left out, others are defects.
 */
export type DuplicatePolicy = (typeof DUPLICATE_POLICIES)[number];
