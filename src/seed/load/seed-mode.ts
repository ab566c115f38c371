/** What is done about items of a table that are there already. */
export const SEED_MODES = ["insert", "upsert", "replace"] as const;

/**
 * What is done about items of a table that are there already: `insert` leaves them as they are, `upsert` puts
 * the file's items over those with the same keys, and `replace` deletes those with other keys afterwards.
 */
export type SeedMode = (typeof SEED_MODES)[number];
