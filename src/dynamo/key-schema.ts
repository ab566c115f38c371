import type { AttributeDefinition, KeySchemaElement, Projection } from "@aws-sdk/client-dynamodb";
import type { IndexDesign, KeyAttribute } from "./table-design.ts";

/** The key of a table or of an index. */
export type KeyDesign = Pick<IndexDesign, "partitionKey"> & { readonly sortKey?: KeyAttribute | undefined };

/** The attributes of a key: partition key, then sort key where there is one. */
export const keyAttributes = ({ partitionKey, sortKey }: KeyDesign): KeyAttribute[] =>
  sortKey ? [partitionKey, sortKey] : [partitionKey];

/** A key as requests and descriptions spell it. */
export const keySchema = (key: KeyDesign): KeySchemaElement[] =>
  keyAttributes(key).map(({ name }, position) => ({
    AttributeName: name,
    KeyType: position === 0 ? "HASH" : "RANGE",
  }));

/** The types of all these keys' attributes, each attribute once. */
export function attributeDefinitions(keys: readonly KeyDesign[]): AttributeDefinition[] {
  const types = new Map(keys.flatMap(keyAttributes).map(({ name, type }) => [name, type]));
  return [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));
}

/** What an index carries, as requests and descriptions spell it. */
export const projectionOf = (projection: IndexDesign["projection"]): Projection =>
  typeof projection === "string"
    ? { ProjectionType: projection }
    : { ProjectionType: "INCLUDE", NonKeyAttributes: [...projection.include] };
