import type { TableDescription } from "@aws-sdk/client-dynamodb";

/** Which table a record is about: a table that was deleted and made again is another one. */
export interface TableIdentity {
  /** The physical name, for messages. */
  readonly name: string;
  readonly arn: string;
  /** TableId, or the time of creation where there is none (DynamoDB Local). */
  readonly id: string;
}

/** The identity of a table, from its description. */
export function identityOf(description: TableDescription): TableIdentity {
  const { TableName, TableArn, TableId, CreationDateTime } = description;
  const id = TableId ?? CreationDateTime?.toISOString();
  if (TableName === undefined || TableArn === undefined || id === undefined) {
    throw new TypeError("a table description without name, ARN or identity");
  }
  return { name: TableName, arn: TableArn, id };
}
