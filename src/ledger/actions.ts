import type { AttributeValue, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Ledger } from "./open-ledger.ts";

/** What has to hold of a record for an action on it to go through. */
export interface RecordCondition {
  readonly expression: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** A condition as the requests of DynamoDB want it. */
export function conditionOf(condition: RecordCondition) {
  return {
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: condition.names && { ...condition.names },
    ExpressionAttributeValues: condition.values && marshall({ ...condition.values }),
  };
}

/** The key of a record of the ledger's table. */
export function recordKey(ledger: Ledger, sortKey: string): Record<string, AttributeValue> {
  return { PK: { S: ledger.scope }, SK: { S: sortKey } };
}

/** The write of a whole record. */
export function putAction(
  ledger: Ledger,
  sortKey: string,
  record: object,
  condition?: RecordCondition,
): TransactWriteItem {
  const Item = { ...marshall(record, { removeUndefinedValues: true }), ...recordKey(ledger, sortKey) };
  return { Put: { TableName: ledger.ledgerTable, Item, ...(condition && conditionOf(condition)) } };
}

/** The removal of a record, whether it is there or not. */
export function deleteAction(ledger: Ledger, sortKey: string): TransactWriteItem {
  return { Delete: { TableName: ledger.ledgerTable, Key: recordKey(ledger, sortKey) } };
}
