import type {
  AttributeDefinition,
  CreateGlobalSecondaryIndexAction,
  TableDescription,
  UpdateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import { compareIndexes, type IndexDifference, indexDesignOf } from "../../dynamo/describe.ts";
import { keyAttributes, keySchema, projectionOf } from "../../dynamo/key-schema.ts";
import type { IndexDesign } from "../../dynamo/table-design.ts";
import { IndexDriftError } from "../errors.ts";

/** An index by its name and design. */
export interface NamedIndex {
  readonly index: string;
  readonly design: IndexDesign;
}

/** The ways in which the table's own attributes contradict the index: one name has one type. */
function typeConflicts(description: TableDescription, design: IndexDesign): IndexDifference[] {
  return keyAttributes(design).flatMap((key, position) => {
    const known = description.AttributeDefinitions?.find(({ AttributeName }) => AttributeName === key.name);
    if (!known || known.AttributeType === key.type) return [];
    const field = position === 0 ? "partitionKey" : "sortKey";
    return [{ field, declared: `${key.name} (${key.type})`, found: `${key.name} (${known.AttributeType})` }];
  });
}

/**
 * What the table says of the index.
 * @throws {IndexDriftError} where it is there and different, or cannot be made beside what is there.
 */
export function judgeIndex(description: TableDescription, { index, design }: NamedIndex): "absent" | "equal" {
  const found = indexDesignOf(description, index);
  const differences = found ? compareIndexes(design, found) : typeConflicts(description, design);
  if (differences.length > 0) {
    throw new IndexDriftError(description.TableName ?? "the table", index, differences);
  }
  return found ? "equal" : "absent";
}

/** Capacity as the live table has it: an index takes its billing mode from the table. */
function capacityLike(description: TableDescription): Partial<CreateGlobalSecondaryIndexAction> {
  const { ProvisionedThroughput, OnDemandThroughput, BillingModeSummary } = description;
  if (BillingModeSummary?.BillingMode === "PAY_PER_REQUEST") {
    return OnDemandThroughput ? { OnDemandThroughput } : {};
  }
  const { ReadCapacityUnits, WriteCapacityUnits } = ProvisionedThroughput ?? {};
  return { ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits } };
}

/** The request that adds the index to the table. */
export function createRequest(
  description: TableDescription,
  { index, design }: NamedIndex,
): UpdateTableCommandInput {
  const definitions = new Map<string | undefined, AttributeDefinition>();
  for (const definition of description.AttributeDefinitions ?? [])
    definitions.set(definition.AttributeName, definition);
  for (const { name, type } of keyAttributes(design))
    definitions.set(name, { AttributeName: name, AttributeType: type });
  return {
    TableName: description.TableName,
    AttributeDefinitions: [...definitions.values()],
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          IndexName: index,
          KeySchema: keySchema(design),
          Projection: projectionOf(design.projection),
          ...capacityLike(description),
        },
      },
    ],
  };
}
