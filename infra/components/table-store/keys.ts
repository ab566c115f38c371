import type { TableArgs } from "@pulumi/aws/dynamodb/table.js";
import type { Projection, TableDesign } from "tablewright/table-design";

type Keys = Pick<TableDesign, "partitionKey" | "sortKey">;

// A sort key that is there but undefined reaches the provider as "", which matches no attribute.
export const keyArgs = ({ partitionKey, sortKey }: Keys) =>
  sortKey ? { hashKey: partitionKey.name, rangeKey: sortKey.name } : { hashKey: partitionKey.name };

/** What an index carries, in the provider's words. */
export const projectionArgs = (projection: Projection) =>
  typeof projection === "string"
    ? { projectionType: projection }
    : { projectionType: "INCLUDE", nonKeyAttributes: [...projection.include] };

/** The provider wants exactly the attributes that a key or a declared index uses, so they are derived. */
export function attributesOf(schemas: readonly Keys[]) {
  const attributes = new Map<string, { name: string; type: string }>();
  for (const { partitionKey, sortKey } of schemas) {
    for (const key of sortKey ? [partitionKey, sortKey] : [partitionKey]) {
      attributes.set(key.name, { name: key.name, type: key.type });
    }
  }
  return [...attributes.values()];
}

/** The keys and attributes of a table without indexes. */
export function keysOnly(keys: Keys) {
  return { ...keyArgs(keys), attributes: attributesOf([keys]) } satisfies TableArgs;
}
