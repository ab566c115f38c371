import type { TableArgs } from "@pulumi/aws/dynamodb/table.js";
import type { TableDesign } from "tablewright/table-design";
import type { Billing } from "../config.ts";

type Keys = Pick<TableDesign, "partitionKey" | "sortKey">;
type IndexArgs = { readonly name: string } & TableDesign["indexes"][string];

// A sort key that is there but undefined reaches the provider as "", which matches no attribute.
const keyArgs = ({ partitionKey, sortKey }: Keys) =>
  sortKey ? { hashKey: partitionKey.name, rangeKey: sortKey.name } : { hashKey: partitionKey.name };

const capacityArgs = (billing: Billing) =>
  billing.mode === "provisioned"
    ? { readCapacity: billing.readCapacity, writeCapacity: billing.writeCapacity }
    : {};

const projectionArgs = ({ projection }: IndexArgs) =>
  typeof projection === "string"
    ? { projectionType: projection }
    : { projectionType: "INCLUDE", nonKeyAttributes: [...projection.include] };

/** The provider wants exactly the attributes that a key or a declared index uses. */
function attributesOf(schemas: readonly Keys[]) {
  const attributes = new Map<string, { name: string; type: string }>();
  for (const { partitionKey, sortKey } of schemas) {
    for (const key of sortKey ? [partitionKey, sortKey] : [partitionKey]) {
      attributes.set(key.name, { name: key.name, type: key.type });
    }
  }
  return [...attributes.values()];
}

/** The keys and attributes of a table without indexes. */
export function keysWithoutIndexes(keys: Keys) {
  return { ...keyArgs(keys), attributes: attributesOf([keys]) } satisfies TableArgs;
}

/**
 * The keys, attributes and inline indexes of a design. Inline indexes are written with hashKey and
 * rangeKey: their successor, keySchemas, shows a difference on every run (terraform-provider-aws#46513).
 */
export function keysWithIndexes(design: Omit<TableDesign, "model">, billing: Billing) {
  const indexes = Object.entries(design.indexes).map(([name, index]) => ({ name, ...index }));
  return {
    ...keyArgs(design),
    attributes: attributesOf([design, ...indexes]),
    globalSecondaryIndexes: indexes.map((index) => ({
      name: index.name,
      ...keyArgs(index),
      ...projectionArgs(index),
      ...capacityArgs(billing),
    })),
  } satisfies TableArgs;
}

/** The billing mode and, where it is provisioned, the capacity. The provider's default is provisioned, so it is always said. */
export function billingArgs(billing: Billing) {
  return {
    billingMode: billing.mode === "provisioned" ? "PROVISIONED" : "PAY_PER_REQUEST",
    ...capacityArgs(billing),
  } satisfies TableArgs;
}
