import { type AttributeValue, QueryCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { z } from "zod";
import { retryFailures } from "../dynamo/backoff.ts";
import { LedgerRecordError } from "./errors.ts";
import type { Ledger } from "./open-ledger.ts";

/** A record as DynamoDB stores it. */
export type StoredRecord = Record<string, AttributeValue>;

/** Reads the table's records whose sort keys begin with `prefix`, by consistent reads; all of them by default. */
export async function queryRecords(ledger: Ledger, prefix = ""): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  let startKey: StoredRecord | undefined;
  do {
    const request = new QueryCommand({
      TableName: ledger.ledgerTable,
      KeyConditionExpression: prefix ? "PK = :scope AND begins_with(SK, :prefix)" : "PK = :scope",
      ExpressionAttributeValues: {
        ":scope": { S: ledger.scope },
        ...(prefix ? { ":prefix": { S: prefix } } : {}),
      },
      ConsistentRead: true,
      ExclusiveStartKey: startKey,
    });
    const page = await retryFailures(() => ledger.client.send(request), ledger);
    records.push(...(page.Items ?? []));
    startKey = page.LastEvaluatedKey;
  } while (startKey);
  return records;
}

/**
 * Reads a record by its schema.
 * @throws {LedgerRecordError} where it is not what this program writes.
 */
export function parseRecord<Schema extends z.ZodType>(
  ledger: Ledger,
  record: StoredRecord,
  schema: Schema,
): z.infer<Schema> {
  const parsed = schema.safeParse(unmarshall(record));
  if (!parsed.success) throw new LedgerRecordError(ledger.ledgerTable, record.SK?.S ?? "", parsed.error);
  return parsed.data;
}
