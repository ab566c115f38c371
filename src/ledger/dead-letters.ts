import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { conditionOf, deleteAction, putAction, recordKey } from "./actions.ts";
import type { Ledger } from "./open-ledger.ts";
import { parseRecord, queryRecords } from "./query-records.ts";
import type { ScanName } from "./scan-records.ts";

/** An item that a step could not deal with and set aside. */
export const deadLetterSchema = z.object({
  migration: z.string(),
  step: z.string(),
  /** Stands for the item's key in the record's own. */
  keyHash: z.string(),
  /** The item's primary key, as JSON of DynamoDB's, and in words. */
  key: z.string(),
  shownKey: z.string(),
  error: z.string(),
  /** How often it was tried. */
  attempts: z.number(),
  /** When it was first set aside, for people. */
  at: z.string(),
});
export type DeadLetterRecord = z.infer<typeof deadLetterSchema>;

const prefix = ({ migration, step }: ScanName) => `DEAD#${migration}#${step}#`;
const sortKey = (record: ScanName & Pick<DeadLetterRecord, "keyHash">) =>
  `${prefix(record)}${record.keyHash}`;

/** Reads a step's dead letters, by consistent reads. */
export async function readDeadLetters(ledger: Ledger, name: ScanName): Promise<DeadLetterRecord[]> {
  const records = await queryRecords(ledger, prefix(name));
  return records
    .map((record) => parseRecord(ledger, record, deadLetterSchema))
    .filter(({ migration, step }) => migration === name.migration && step === name.step);
}

/** Sets an item aside that was not set aside before. */
export function putDeadLetter(ledger: Ledger, record: DeadLetterRecord): TransactWriteItem {
  return putAction(ledger, sortKey(record), record, { expression: "attribute_not_exists(PK)" });
}

/** Counts another attempt on an item that is set aside. */
export function updateDeadLetter(
  ledger: Ledger,
  record: ScanName & Pick<DeadLetterRecord, "keyHash" | "error">,
): TransactWriteItem {
  const { ConditionExpression, ...parts } = conditionOf({
    expression: "attribute_exists(PK)",
    names: { "#error": "error" },
    values: { ":error": record.error, ":one": 1 },
  });
  const UpdateExpression = "SET #error = :error ADD attempts :one";
  const Key = recordKey(ledger, sortKey(record));
  return { Update: { TableName: ledger.ledgerTable, Key, UpdateExpression, ConditionExpression, ...parts } };
}

/** Forgets an item that was set aside. */
export function deleteDeadLetter(
  ledger: Ledger,
  record: ScanName & Pick<DeadLetterRecord, "keyHash">,
): TransactWriteItem {
  return deleteAction(ledger, sortKey(record));
}
