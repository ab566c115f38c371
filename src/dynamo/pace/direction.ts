/** What capacity units are paid for: DynamoDB counts and limits reads and writes apart. */
export type Direction = "read" | "write";

/** A value for each direction. */
export type PerDirection<T> = Readonly<Record<Direction, T>>;

/** The units' short names, as they stand in limits and in output. */
export const UNIT_NAMES: PerDirection<string> = { read: "rcu", write: "wcu" };
