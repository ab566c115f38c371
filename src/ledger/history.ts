import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { z } from "zod";
import { timeText } from "../dynamo/clock.ts";
import type { DeclaredWrites } from "../dynamo/item-pattern.ts";
import { programVersion } from "../settings.ts";
import { deleteAction, putAction } from "./actions.ts";
import { type ControlRecord, parseControl } from "./control-record.ts";
import { type DeadLetterRecord, deadLetterSchema } from "./dead-letters.ts";
import type { Lease } from "./lease.ts";
import { type LeaseRecord, parseLease, whoRuns } from "./lease-record.ts";
import type { Ledger } from "./open-ledger.ts";
import { parseRecord, queryRecords } from "./query-records.ts";
import {
  type EventRecord,
  eventRecordSchema,
  type MigrationRecord,
  migrationRecordSchema,
  type StepRecord,
  stepRecordSchema,
} from "./records.ts";
import { parseSegment, type ScanRecord, type SegmentRecord, scanRecordSchema } from "./scan-records.ts";

/** Everything the ledger knows of a table. */
export interface History {
  /** The last state of the lease; undefined where nobody ever took it. */
  readonly lease: LeaseRecord | undefined;
  /** The last orders that were given to a run; undefined where there never was one. */
  readonly control: ControlRecord | undefined;
  /** By id. */
  readonly migrations: readonly MigrationRecord[];
  readonly steps: readonly StepRecord[];
  /** What happened, oldest first. */
  readonly events: readonly EventRecord[];
  /** Scans that steps under way, or interrupted, go over the table with, and how far their segments are. */
  readonly scans: readonly ScanRecord[];
  readonly segments: readonly SegmentRecord[];
  /** Items that steps could not deal with and set aside. */
  readonly deadLetters: readonly DeadLetterRecord[];
}

const KEY = {
  migration: (id: string) => `MIGRATION#${id}`,
  step: (migration: string, step: string) => `STEP#${migration}#${step}`,
  event: (order: number, behind?: number) =>
    `EVENT#${String(order).padStart(16, "0")}${behind === undefined ? "" : `#${String(behind).padStart(8, "0")}`}`,
};

/** Reads what the ledger knows of its table, by consistent reads; empty where there is no ledger. */
export async function readHistory(ledger: Ledger): Promise<History> {
  const records = ledger.exists ? await queryRecords(ledger) : [];
  const under = <Schema extends z.ZodType>(prefix: string, schema: Schema): z.infer<Schema>[] =>
    records
      .filter((record) => record.SK?.S?.startsWith(prefix))
      .map((record) => parseRecord(ledger, record, schema));
  const lease = records.find((record) => record.SK?.S === "LEASE");
  const control = records.find((record) => record.SK?.S === "CONTROL");
  return {
    lease: lease && parseLease(ledger, lease),
    control: control && parseControl(ledger, control),
    migrations: under("MIGRATION#", migrationRecordSchema),
    steps: under("STEP#", stepRecordSchema),
    events: under("EVENT#", eventRecordSchema),
    scans: under("SCAN#", scanRecordSchema),
    segments: records
      .filter((record) => record.SK?.S?.startsWith("SEGMENT#"))
      .map((r) => parseSegment(ledger, r)),
    deadLetters: under("DEAD#", deadLetterSchema),
  };
}

/** The write of a migration's record, for {@link Lease.write}. */
export function putMigration(ledger: Ledger, record: MigrationRecord): TransactWriteItem {
  return putAction(ledger, KEY.migration(record.id), record);
}

/** The removal of a migration's record. */
export function deleteMigration(ledger: Ledger, id: string): TransactWriteItem {
  return deleteAction(ledger, KEY.migration(id));
}

/** The write of a step's record. */
export function putStep(ledger: Ledger, record: StepRecord): TransactWriteItem {
  return putAction(ledger, KEY.step(record.migration, record.step), record);
}

/** The removal of a step's record. */
export function deleteStep(ledger: Ledger, migration: string, step: string): TransactWriteItem {
  return deleteAction(ledger, KEY.step(migration, step));
}

/** What a run says of an event; the rest is filled in. */
export type EventFacts = Pick<
  EventRecord,
  "kind" | "subject" | "action" | "outcome" | "reason" | "seconds" | "consumed" | "counts" | "error"
>;

/** When an event happened, in the ledger's own terms. */
export interface EventPlace extends Pick<EventRecord, "order" | "term" | "commit"> {
  /**
   * For somebody outside of the run, who has no order of their own: it stands behind the event of that order,
   * after those with a smaller number.
   */
  readonly behind?: number;
}

/** The write of an event at a place of its own. */
export function putEventOf(
  ledger: Ledger,
  { behind, ...place }: EventPlace,
  facts: EventFacts,
): TransactWriteItem {
  const at = timeText(ledger.clock);
  const record = { ...facts, ...whoRuns(), ...place, version: programVersion(), at };
  return putAction(ledger, KEY.event(place.order, behind), record satisfies EventRecord);
}

/** The write of an event of the lease's holder. */
export function putEvent(lease: Lease, facts: EventFacts): TransactWriteItem {
  const { term, commit } = lease;
  return putEventOf(lease.ledger, { order: lease.nextOrder(), term, commit }, facts);
}

/** The order of the last event there is. */
export function lastOrder({ events }: Pick<History, "events">): number {
  return events.at(-1)?.order ?? 0;
}

/** What the applied steps of a table's migrations write: the proof leaves exactly these values out. */
export function appliedWrites(history: Pick<History, "steps">): DeclaredWrites[] {
  return history.steps.filter((step) => step.state === "applied").flatMap((step) => step.writes);
}

/**
 * What any step that was ever started may have written, an unfinished one too: while this is not empty,
 * whole-item puts would wipe it.
 */
export function startedWrites(history: Pick<History, "steps">): DeclaredWrites[] {
  return history.steps.flatMap((step) => step.writes);
}
