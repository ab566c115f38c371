import {
  type AttributeDefinition,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import type { IndexDesign, KeyAttribute, KeyType, Projection } from "./table-design.ts";

/** The smallest client that will do: anything with a `send`. */
export type Sender = Pick<DynamoDBClient, "send">;

/**
 * Reads a table's description, or undefined where there is no such table. It may be some seconds old, and
 * lack what was just asked for (API_DescribeTable: "uses an eventually consistent query").
 */
export async function describeTable(
  client: Sender,
  table: string,
  signal?: AbortSignal,
): Promise<TableDescription | undefined> {
  try {
    const request = new DescribeTableCommand({ TableName: table });
    return (await client.send(request, { abortSignal: signal })).Table;
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
