import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand, type UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Database, PatternRequest } from "./access-pattern.ts";
import type { QueryRefusal } from "./errors.ts";
import type { PlainItem } from "./oracle.ts";
import { persist } from "./persist.ts";

/** A change of named attributes of one item; the others are not touched. */
export interface AttributeUpdate {
  readonly key: Readonly<Record<string, unknown>>;
  readonly set: Readonly<Record<string, unknown>>;
  readonly unset: readonly string[];
  /** What must hold of the item, such as `attribute_exists(PK)`. */
  readonly condition: string;
}

/** SET and REMOVE of an update, with a placeholder for every name: an attribute may be a reserved word. */
function updateExpression({ set, unset }: Pick<AttributeUpdate, "set" | "unset">) {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const assignments = Object.entries(set).map(([name, value], index) => {
    names[`#s${index}`] = name;
    values[`:s${index}`] = value;
    return `#s${index} = :s${index}`;
  });
  const removals = unset.map((name, index) => {
    names[`#u${index}`] = name;
    return `#u${index}`;
  });
  const clauses = [
    assignments.length > 0 ? `SET ${assignments.join(", ")}` : "",
    removals.length > 0 ? `REMOVE ${removals.join(", ")}` : "",
  ];
  return {
    UpdateExpression: clauses.filter(Boolean).join(" "),
    ExpressionAttributeNames: names,
    // DynamoDB refuses an empty map of values.
    ExpressionAttributeValues: assignments.length > 0 ? values : undefined,
  };
}

/** The UpdateItem that {@link updateAttributes} sends. Pure. */
export const updateRequest = (
  update: AttributeUpdate,
  table: string,
): PatternRequest & { readonly input: UpdateCommandInput } => ({
  operation: "UpdateItem",
  input: {
    TableName: table,
    Key: update.key,
    ...updateExpression(update),
    ConditionExpression: update.condition,
    ReturnValues: "ALL_NEW",
    ReturnConsumedCapacity: "TOTAL",
  },
});

/**
 * Sets and removes named attributes of one item and returns the item as it is afterwards. Safe to repeat:
 * the same attributes get the same values.
 * @param refuse makes the error for an item that does not meet the condition
 */
export async function updateAttributes(
  database: Database,
  update: AttributeUpdate,
  refuse: () => QueryRefusal,
): Promise<PlainItem> {
  const command = new UpdateCommand(updateRequest(update, database.table).input);
  try {
    const { Attributes } = await persist(database, () =>
      database.client.send(command, { abortSignal: database.signal }),
    );
    return Attributes ?? {};
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) throw refuse();
    throw error;
  }
}
