import { marshall } from "@aws-sdk/util-dynamodb";
import { itemBytes } from "../../dynamo/item-size.ts";
import { BYTES_PER_READ_UNIT } from "../../dynamo/limits.ts";
import type { PlainItem } from "../../query/oracle.ts";

/** The parts of a reading request that decide what it costs. */
export interface ReadInput {
  ConsistentRead?: boolean;
  FilterExpression?: string;
  ProjectionExpression?: string;
  AttributesToGet?: unknown;
  QueryFilter?: object;
  ScanFilter?: object;
  Select?: string;
  RequestItems?: Record<string, ReadInput & { Keys?: readonly unknown[] }>;
}

/** The parts of its response that show what was read, as the document client gives it. */
export interface ReadOutput {
  Item?: PlainItem;
  Items?: PlainItem[];
  Responses?: Record<string, PlainItem[]>;
  UnprocessedKeys?: Record<string, { Keys?: readonly unknown[] }>;
}

const sizeOf = (item: PlainItem) => itemBytes(marshall(item, { removeUndefinedValues: true }));

// A request that finds nothing is charged as one block.
const unitsOf = (bytes: number, consistent: boolean | undefined) =>
  Math.max(1, Math.ceil(bytes / BYTES_PER_READ_UNIT)) * (consistent ? 1 : 0.5);

/** Whether items come back as they were read: units count what was read, before filter and projection. */
const isWhole = (input: ReadInput) =>
  input.FilterExpression === undefined &&
  input.ProjectionExpression === undefined &&
  input.AttributesToGet === undefined &&
  input.QueryFilter === undefined &&
  input.ScanFilter === undefined &&
  input.Select !== "COUNT" &&
  input.Select !== "SPECIFIC_ATTRIBUTES";

/** A BatchGetItem is charged as one GetItem for each key, found or not (API_BatchGetItem). */
function batchUnits(input: ReadInput, output: ReadOutput): number | undefined {
  let units = 0;
  for (const [table, request] of Object.entries(input.RequestItems ?? {})) {
    if (!isWhole(request)) return undefined;
    const found = output.Responses?.[table] ?? [];
    const unprocessed = output.UnprocessedKeys?.[table]?.Keys?.length ?? 0;
    const absent = (request.Keys?.length ?? 0) - unprocessed - found.length;
    units += absent * unitsOf(0, request.ConsistentRead);
    for (const item of found) units += unitsOf(sizeOf(item), request.ConsistentRead);
  }
  return units;
}

/**
 * The read units that a request costs by DynamoDB's sizing rules (HowItWorks.ReadWriteCapacityMode,
 * "Read request units"), or undefined where its response does not show what was read.
 * @param command the SDK's name, such as `QueryCommand`
 */
export function modelledReadUnits(command: string, input: ReadInput, output: ReadOutput): number | undefined {
  if (command === "BatchGetItemCommand") return batchUnits(input, output);
  if (!isWhole(input)) return undefined;
  if (command === "GetItemCommand")
    return unitsOf(output.Item ? sizeOf(output.Item) : 0, input.ConsistentRead);
  if (command !== "QueryCommand" && command !== "ScanCommand") return undefined;
  // The items of one page are added up first and rounded once.
  const bytes = (output.Items ?? []).reduce((sum, item) => sum + sizeOf(item), 0);
  return unitsOf(bytes, input.ConsistentRead);
}
