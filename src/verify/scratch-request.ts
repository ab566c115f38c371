import { randomBytes } from "node:crypto";
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { attributeDefinitions, keySchema, projectionOf } from "../dynamo/key-schema.ts";
import type { TableDesign } from "../dynamo/table-design.ts";

/** How the name of every scratch table begins. */
export const SCRATCH_PREFIX = "tablewright-scratch-";

/** A name for a new scratch table. */
export const scratchName = (): string => `${SCRATCH_PREFIX}${randomBytes(8).toString("hex")}`;

/** The request that makes a scratch table: the keys and indexes of a design, on-demand, with a tag that says why. */
export function scratchRequest(name: string, design: TableDesign): CreateTableCommandInput {
  const indexes = Object.entries(design.indexes);
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: keySchema(design),
    AttributeDefinitions: attributeDefinitions([design, ...indexes.map(([, index]) => index)]),
    // DynamoDB refuses an empty list.
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map(([IndexName, index]) => ({
        IndexName,
        KeySchema: keySchema(index),
        Projection: projectionOf(index.projection),
      })),
    }),
    Tags: [{ Key: "tablewright:scratch", Value: design.model }],
  };
}
