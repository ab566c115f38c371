import { randomBytes } from "node:crypto";
import type { CreateTableCommandInput, KeySchemaElement, Projection } from "@aws-sdk/client-dynamodb";
import type { IndexDesign, KeyAttribute, TableDesign } from "../dynamo/table-design.ts";

/** How the name of every scratch table begins. */
export const SCRATCH_PREFIX = "tablewright-scratch-";

/** A name for a new scratch table. */
export const scratchName = (): string => `${SCRATCH_PREFIX}${randomBytes(8).toString("hex")}`;

const keySchema = (keys: Pick<TableDesign, "partitionKey" | "sortKey">): KeySchemaElement[] => [
  { AttributeName: keys.partitionKey.name, KeyType: "HASH" },
  ...(keys.sortKey ? [{ AttributeName: keys.sortKey.name, KeyType: "RANGE" as const }] : []),
];

function projectionOf({ projection }: IndexDesign): Projection {
  if (typeof projection === "string") return { ProjectionType: projection };
  return { ProjectionType: "INCLUDE", NonKeyAttributes: [...projection.include] };
}

/** The request that makes a scratch table: the keys and indexes of a design, on-demand, with a tag that says why. */
export function scratchRequest(name: string, design: TableDesign): CreateTableCommandInput {
  const indexes = Object.entries(design.indexes);
  const keys = [design, ...indexes.map(([, index]) => index)].flatMap(({ partitionKey, sortKey }) =>
    sortKey ? [partitionKey, sortKey] : [partitionKey],
  );
  const attributes = new Map(keys.map((key: KeyAttribute) => [key.name, key.type]));
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: keySchema(design),
    AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    // DynamoDB refuses an empty list.
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map(([IndexName, index]) => ({
        IndexName,
        KeySchema: keySchema(index),
        Projection: projectionOf(index),
      })),
    }),
    Tags: [{ Key: "tablewright:scratch", Value: design.model }],
  };
}
