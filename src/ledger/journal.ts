import { type AttributeValue, QueryCommand, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { retryFailures } from "../dynamo/backoff.ts";
import type { StoredItem } from "../dynamo/scan.ts";
import { LedgerRecordError } from "./errors.ts";
import { readKey, writeKey } from "./key-text.ts";
import type { Ledger } from "./open-ledger.ts";
import type { StoredRecord } from "./query-records.ts";
import type { ScanName } from "./scan-records.ts";

/** What an item had before a step overwrote it. */
export interface JournalRecord extends ScanName {
  /** Another one with each write, so that a record is only removed by who has read it. */
  readonly id: string;
  readonly keyHash: string;
  /** The item's primary key. */
  readonly key: StoredItem;
  /** The values that were there, by attribute; an attribute of `given` that is not here was missing. */
  readonly old: StoredItem;
  /** The hash of each value that the step gave: the values themselves would not fit beside the old ones. */
  readonly given: Readonly<Record<string, string>>;
}

/**
 * A partition takes 1,000 write units a second (bp-partition-key-design), and a record in a transaction
 * costs two or more: one partition for all would hold a backfill back.
 */
export const JOURNAL_PARTS = 16;

const partOf = (keyHash: string) => Number.parseInt(keyHash.slice(0, 2), 16) % JOURNAL_PARTS;
const partKey = (ledger: Ledger, part: number) => ({ S: `${ledger.scope}#JOURNAL#${part}` });
const prefix = ({ migration, step }: ScanName) => `JOURNAL#${migration}#${step}#`;

function journalKey(ledger: Ledger, record: Pick<JournalRecord, "migration" | "step" | "keyHash">) {
  const { keyHash } = record;
  return { PK: partKey(ledger, partOf(keyHash)), SK: { S: `${prefix(record)}${keyHash}` } };
}

/** The write of a record; one that is there gives way, as what it kept has been overwritten since. */
export function putJournal(ledger: Ledger, record: JournalRecord): TransactWriteItem {
  const { migration, step, id, keyHash, key, old, given } = record;
  const hashes = Object.entries(given).map(([name, hash]) => [name, { S: hash }]);
  const Item: Record<string, AttributeValue> = {
    ...journalKey(ledger, record),
    migration: { S: migration },
    step: { S: step },
    id: { S: id },
    keyHash: { S: keyHash },
    key: { S: writeKey(key) },
    old: { M: old },
    given: { M: Object.fromEntries(hashes) },
  };
  return { Put: { TableName: ledger.ledgerTable, Item } };
}

/** The removal of a record as it was read: an action of a transaction, or a request by itself. */
export function deleteJournal(ledger: Ledger, record: JournalRecord) {
  return {
    TableName: ledger.ledgerTable,
    Key: journalKey(ledger, record),
    ConditionExpression: "#id = :id",
    ExpressionAttributeNames: { "#id": "id" },
    ExpressionAttributeValues: { ":id": { S: record.id } },
  };
}

function parseJournal(ledger: Ledger, record: StoredRecord): JournalRecord {
  const { migration, step, id, keyHash, key, old, given } = record;
  const texts = [migration, step, id, keyHash, key].map((value) => value?.S);
  if (texts.includes(undefined) || !old?.M || !given?.M) {
    const cause = new TypeError("it lacks an attribute of a journal's record");
    throw new LedgerRecordError(ledger.ledgerTable, record.SK?.S ?? "", cause);
  }
  const [migrationText = "", stepText = "", idText = "", hashText = "", keyText = ""] = texts;
  const hashes = Object.entries(given.M).map(([name, hash]) => [name, hash.S ?? ""]);
  return {
    migration: migrationText,
    step: stepText,
    id: idText,
    keyHash: hashText,
    key: readKey(keyText),
    old: old.M,
    given: Object.fromEntries(hashes),
  };
}

/** Reads one part of a step's journal, page by page, by consistent reads. */
export async function* readJournal(
  ledger: Ledger,
  name: ScanName,
  part: number,
): AsyncGenerator<JournalRecord[]> {
  let startKey: StoredRecord | undefined;
  do {
    const request = new QueryCommand({
      TableName: ledger.ledgerTable,
      KeyConditionExpression: "PK = :part AND begins_with(SK, :prefix)",
      ExpressionAttributeValues: { ":part": partKey(ledger, part), ":prefix": { S: prefix(name) } },
      ConsistentRead: true,
      ExclusiveStartKey: startKey,
    });
    const page = await retryFailures(() => ledger.client.send(request), ledger);
    yield (page.Items ?? [])
      .map((record) => parseJournal(ledger, record))
      .filter(({ migration, step }) => migration === name.migration && step === name.step);
    startKey = page.LastEvaluatedKey;
  } while (startKey);
}
