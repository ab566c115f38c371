import {
  type AttributeDefinition,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { sleep } from "./backoff.ts";
import { NotReadyError } from "./errors.ts";
import type { IndexDesign, KeyAttribute, KeyType, Projection } from "./table-design.ts";

/** The smallest client that will do: anything with a `send`. */
export type Sender = Pick<DynamoDBClient, "send">;

/** Reads a table's description, or undefined where there is no such table. */
export async function describeTable(client: Sender, table: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** A key schema as {@link KeyAttribute}s: partition key first, then the sort key where there is one. */
export function keysOf(
  schema: readonly KeySchemaElement[] | undefined,
  attributes: readonly AttributeDefinition[] | undefined,
): { partitionKey: KeyAttribute; sortKey?: KeyAttribute } {
  const find = (kind: "HASH" | "RANGE"): KeyAttribute | undefined => {
    const name = schema?.find((element) => element.KeyType === kind)?.AttributeName;
    if (name === undefined) return undefined;
    const type = attributes?.find((attribute) => attribute.AttributeName === name)?.AttributeType;
    return { name, type: (type ?? "S") as KeyType };
  };
  const partitionKey = find("HASH");
  if (!partitionKey) throw new TypeError("a key schema without a partition key");
  const sortKey = find("RANGE");
  return sortKey ? { partitionKey, sortKey } : { partitionKey };
}

/** The design of the index `name` as it stands in a table's description, or undefined where there is none. */
export function indexDesignOf(description: TableDescription, name: string): IndexDesign | undefined {
  const index = description.GlobalSecondaryIndexes?.find((candidate) => candidate.IndexName === name);
  if (!index) return undefined;
  const kind = index.Projection?.ProjectionType;
  const projection: Projection =
    kind === "INCLUDE"
      ? { include: index.Projection?.NonKeyAttributes ?? [] }
      : kind === "KEYS_ONLY"
        ? kind
        : "ALL";
  return { ...keysOf(index.KeySchema, description.AttributeDefinitions), projection };
}

/** One way in which two designs of an index differ. */
export interface IndexDifference {
  field: "partitionKey" | "sortKey" | "projection";
  declared: string;
  found: string;
}

const showKey = (key: KeyAttribute | undefined) => (key ? `${key.name} (${key.type})` : "none");
const showProjection = (projection: Projection) =>
  typeof projection === "string" ? projection : `INCLUDE ${[...projection.include].sort().join(", ")}`;

/**
 * Compares two designs of an index, field by field. Capacity and warm throughput do not count: they are
 * settings of a live index, not its shape.
 */
export function compareIndexes(declared: IndexDesign, found: IndexDesign): IndexDifference[] {
  const fields = [
    { field: "partitionKey", declared: showKey(declared.partitionKey), found: showKey(found.partitionKey) },
    { field: "sortKey", declared: showKey(declared.sortKey), found: showKey(found.sortKey) },
    {
      field: "projection",
      declared: showProjection(declared.projection),
      found: showProjection(found.projection),
    },
  ] as const;
  return fields.filter((entry) => entry.declared !== entry.found);
}

/** How long to wait for a table or index. */
export interface WaitOptions {
  /** Give up after this many seconds. Default 600. */
  timeoutSeconds?: number;
  /** Time between two looks, in milliseconds. Default 250. */
  pollMs?: number;
  signal?: AbortSignal | undefined;
}

/** What of a table is not usable yet, in words; undefined where everything is. */
function unreadyPart(
  description: TableDescription | undefined,
  table: string,
): { what: string; status: string } | undefined {
  if (description?.TableStatus !== "ACTIVE") {
    return { what: `table ${table}`, status: description?.TableStatus ?? "absent" };
  }
  for (const index of description.GlobalSecondaryIndexes ?? []) {
    // TableStatus may be ACTIVE while an index is still CREATING (aws-cli#3399).
    if (index.IndexStatus !== "ACTIVE" || index.Backfilling === true) {
      const status = index.Backfilling
        ? `${index.IndexStatus} (backfilling)`
        : (index.IndexStatus ?? "unknown");
      return { what: `index ${index.IndexName} of ${table}`, status };
    }
  }
  return undefined;
}

/**
 * Waits until a table and each of its indexes can be used, and returns its description.
 * @throws {NotReadyError} when that takes longer than `timeoutSeconds`.
 */
export async function waitUntilActive(
  client: Sender,
  table: string,
  options: WaitOptions = {},
): Promise<TableDescription> {
  const { timeoutSeconds = 600, pollMs = 250, signal } = options;
  const deadline = performance.now() + timeoutSeconds * 1000;
  for (;;) {
    const description = await describeTable(client, table);
    const unready = unreadyPart(description, table);
    if (description && !unready) return description;
    if (performance.now() > deadline)
      throw new NotReadyError(unready?.what ?? table, unready?.status ?? "", timeoutSeconds);
    await sleep(pollMs, signal);
  }
}
