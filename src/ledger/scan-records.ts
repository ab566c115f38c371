import { GetItemCommand, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { retryFailures } from "../dynamo/backoff.ts";
import type { StoredItem } from "../dynamo/scan.ts";
import { conditionOf, deleteAction, putAction, recordKey } from "./actions.ts";
import type { Ledger } from "./open-ledger.ts";
import { parseRecord, queryRecords, type StoredRecord } from "./query-records.ts";

const counts = z.record(z.string(), z.number());

/** A step's way over the table, as long as the step is not done. */
export const scanRecordSchema = z.object({
  migration: z.string(),
  step: z.string(),
  direction: z.enum(["up", "down"]),
  /** What the migration's file did when this pass began. */
  hash: z.string(),
  /** False where the file was edited within this pass: finding nothing then proves nothing. */
  whole: z.boolean(),
  /** Counts the times that the table is gone over, from 1. */
  pass: z.number(),
  /** TotalSegments of this scan: a cursor means something only together with it. */
  segments: z.number(),
  /** What the passes before this one did. */
  counts,
  /** Items set aside in all passes: at most as many as the step allows. */
  failures: z.number(),
});
export type ScanRecord = z.infer<typeof scanRecordSchema>;

const segmentRecordSchema = z.object({
  migration: z.string(),
  step: z.string(),
  pass: z.number(),
  segment: z.number(),
  /** `done`: gone over to its end. */
  state: z.enum(["open", "done"]),
  /** The process that works on it, or worked on it last. */
  owner: z.string(),
  /** The term of the run that the owner worked for. */
  term: z.number(),
  /** Grows with every write to the record: what an observer watches. */
  version: z.number(),
  leaseMs: z.number(),
  /** Items looked at. */
  scanned: z.number(),
  /** Items found that needed the step. */
  found: z.number(),
  /** Of these, items left as they are for a good reason, and items set aside. */
  left: z.number(),
  setAside: z.number(),
  /** Keys of some that are left, for messages. */
  named: z.array(z.string()),
  /** What was done. */
  counts,
});

/** One segment of a pass, from the moment that somebody first works on it. */
export type SegmentRecord = z.infer<typeof segmentRecordSchema> & {
  /** Where the next page starts; undefined at the segment's start. All before it is dealt with. */
  readonly cursor?: StoredItem | undefined;
};

/** Whose scan a record is about. */
export type ScanName = Pick<ScanRecord, "migration" | "step">;

const pad = (number: number) => String(number).padStart(6, "0");
const scanKey = ({ migration, step }: ScanName) => `SCAN#${migration}#${step}`;
const segmentPrefix = ({ migration, step }: ScanName) => `SEGMENT#${migration}#${step}#`;
const segmentKey = (record: ScanName & Pick<SegmentRecord, "pass" | "segment">) =>
  `${segmentPrefix(record)}${pad(record.pass)}#${pad(record.segment)}`;

/** Reads an item of the ledger as a segment. */
export function parseSegment(ledger: Ledger, { cursor, ...record }: StoredRecord): SegmentRecord {
  // A cursor stays as DynamoDB gave it: its numbers may have more digits than JavaScript's.
  return { ...parseRecord(ledger, record, segmentRecordSchema), cursor: cursor?.M };
}

/** Reads a step's scan by a consistent read; undefined where none is under way. */
export async function readScan(ledger: Ledger, name: ScanName): Promise<ScanRecord | undefined> {
  const request = new GetItemCommand({
    TableName: ledger.ledgerTable,
    Key: recordKey(ledger, scanKey(name)),
    ConsistentRead: true,
  });
  const { Item } = await retryFailures(() => ledger.client.send(request), ledger);
  return Item && parseRecord(ledger, Item, scanRecordSchema);
}

/** Reads every scan that is under way, by consistent reads. */
export async function readScans(ledger: Ledger): Promise<ScanRecord[]> {
  const records = await queryRecords(ledger, "SCAN#");
  return records.map((record) => parseRecord(ledger, record, scanRecordSchema));
}

/** Reads the segments of a step's scan, of every pass that left any; those nobody worked on have no record. */
export async function readSegments(ledger: Ledger, name: ScanName): Promise<SegmentRecord[]> {
  const records = await queryRecords(ledger, segmentPrefix(name));
  return records
    .map((record) => parseSegment(ledger, record))
    .filter(({ migration, step }) => migration === name.migration && step === name.step);
}

/** The write of a scan that begins. */
export function putScan(ledger: Ledger, scan: ScanRecord): TransactWriteItem {
  return putAction(ledger, scanKey(scan), scan);
}

/** The change of a scan under way; what was set aside meanwhile stays counted. */
export function updateScan(
  ledger: Ledger,
  scan: ScanName,
  { pass, whole, hash, counts: done }: Pick<ScanRecord, "pass" | "whole" | "hash" | "counts">,
): TransactWriteItem {
  const { ConditionExpression, ...parts } = conditionOf({
    expression: "attribute_exists(PK)",
    names: { "#pass": "pass", "#whole": "whole", "#hash": "hash", "#counts": "counts" },
    values: { ":pass": pass, ":whole": whole, ":hash": hash, ":counts": done },
  });
  const UpdateExpression = "SET #pass = :pass, #whole = :whole, #hash = :hash, #counts = :counts";
  const Key = recordKey(ledger, scanKey(scan));
  return { Update: { TableName: ledger.ledgerTable, Key, UpdateExpression, ConditionExpression, ...parts } };
}

/** Counts an item that is set aside, as long as there are fewer than `limit`. */
export function countFailure(ledger: Ledger, scan: ScanName, limit: number): TransactWriteItem {
  const { ConditionExpression, ...parts } = conditionOf({
    expression: "attribute_exists(PK) AND failures < :limit",
    values: { ":limit": limit, ":one": 1 },
  });
  const UpdateExpression = "ADD failures :one";
  const Key = recordKey(ledger, scanKey(scan));
  return { Update: { TableName: ledger.ledgerTable, Key, UpdateExpression, ConditionExpression, ...parts } };
}

/** The removal of a scan. */
export function deleteScan(ledger: Ledger, scan: ScanName): TransactWriteItem {
  return deleteAction(ledger, scanKey(scan));
}

/** The removal of a segment. */
export function deleteSegment(ledger: Ledger, segment: SegmentRecord): TransactWriteItem {
  return deleteAction(ledger, segmentKey(segment));
}

/** Lets a write through only while the scan is in this pass. */
export function checkPass(ledger: Ledger, scan: ScanRecord): TransactWriteItem {
  const condition = conditionOf({
    expression: "#pass = :pass AND #direction = :direction AND #hash = :hash",
    names: { "#pass": "pass", "#direction": "direction", "#hash": "hash" },
    values: { ":pass": scan.pass, ":direction": scan.direction, ":hash": scan.hash },
  });
  const Key = recordKey(ledger, scanKey(scan));
  return { ConditionCheck: { TableName: ledger.ledgerTable, Key, ...condition } };
}

function putSegment(ledger: Ledger, record: SegmentRecord, condition: Parameters<typeof conditionOf>[0]) {
  const { cursor, ...plain } = record;
  const action = putAction(ledger, segmentKey(record), plain, condition);
  if (cursor && action.Put?.Item) action.Put.Item.cursor = { M: cursor };
  return action;
}

/** Makes a segment its record's owner's, provided that it still is as it was seen. */
export function claimSegment(
  ledger: Ledger,
  record: SegmentRecord,
  seen: SegmentRecord | undefined,
): TransactWriteItem {
  return putSegment(
    ledger,
    record,
    seen
      ? {
          expression: "#version = :seen",
          names: { "#version": "version" },
          values: { ":seen": seen.version },
        }
      : { expression: "attribute_not_exists(PK)" },
  );
}

/** The checkpoint of a segment: goes through only while it is its record's owner's. */
export function saveSegment(ledger: Ledger, record: SegmentRecord): TransactWriteItem {
  return putSegment(ledger, record, {
    expression: "#owner = :owner",
    names: { "#owner": "owner" },
    values: { ":owner": record.owner },
  });
}
