/** Keys of a BatchGetItem, by table. */
export type BatchKeys = Record<string, { Keys?: readonly unknown[] }>;

/** The parts of a request that say how much it may answer at once. */
export interface PagedInput {
  Limit?: number;
  RequestItems?: BatchKeys;
}

/** A request made smaller, and what it left out of a batch. */
export interface ShortRequest {
  readonly input: PagedInput;
  /** Keys to report as unprocessed. */
  readonly leftOut: BatchKeys;
}

/**
 * Makes a request answer less at once, in ways that DynamoDB itself may choose at any time: a Query or
 * Scan stops after `items` (as at 1 MB), a BatchGetItem leaves the second half of its keys unprocessed. So
 * a pattern meets on a small table what it meets on a large one.
 */
export function shortenRequest(command: string, input: PagedInput, items: number): ShortRequest {
  if (command === "QueryCommand" || command === "ScanCommand") {
    return {
      input: { ...input, Limit: Math.min(input.Limit ?? Number.POSITIVE_INFINITY, items) },
      leftOut: {},
    };
  }
  if (command !== "BatchGetItemCommand") return { input, leftOut: {} };
  const leftOut: BatchKeys = {};
  const kept: BatchKeys = {};
  for (const [table, request] of Object.entries(input.RequestItems ?? {})) {
    const keys = request.Keys ?? [];
    const half = Math.ceil(keys.length / 2);
    kept[table] = { ...request, Keys: keys.slice(0, half) };
    if (half < keys.length) leftOut[table] = { ...request, Keys: keys.slice(half) };
  }
  return { input: { ...input, RequestItems: kept }, leftOut };
}

/** The unprocessed keys of a response, with those that were left out of its request. */
export function withLeftOut(unprocessed: BatchKeys, leftOut: BatchKeys): BatchKeys {
  const merged = { ...unprocessed };
  for (const [table, request] of Object.entries(leftOut)) {
    merged[table] = { ...request, Keys: [...(merged[table]?.Keys ?? []), ...(request.Keys ?? [])] };
  }
  return merged;
}
