import { hostname, userInfo } from "node:os";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  GetItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { z } from "zod";
import { type Clock, timeText } from "../dynamo/clock.ts";
import { LedgerRecordError } from "./errors.ts";
import type { Ledger } from "./open-ledger.ts";

const leaseSchema = z.object({
  /** Absent where nobody holds the lease. */
  owner: z.string().optional(),
  /** Grows by one with every holder: what fences a holder that was taken over. */
  term: z.number(),
  /** Grows with every write to the record: what an observer watches. */
  version: z.number(),
  leaseMs: z.number(),
  command: z.string(),
  user: z.string(),
  host: z.string(),
  pid: z.number(),
  /** Wall times, for display only: no decision is made on them. */
  heldSince: z.string(),
  heartbeatAt: z.string(),
});

/** The lease of a table as the ledger has it. */
export type LeaseRecord = z.infer<typeof leaseSchema>;

/** Who runs this process, for people to read. */
export function whoRuns(): Pick<LeaseRecord, "user" | "host" | "pid"> {
  return { user: userName(), host: hostname(), pid: process.pid };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

/** The key of a table's lease. */
export function leaseKey(ledger: Ledger): Record<string, AttributeValue> {
  return { PK: { S: ledger.scope }, SK: { S: "LEASE" } };
}

/** Reads an item of the ledger as a lease. */
export function parseLease(ledger: Ledger, item: Record<string, AttributeValue>): LeaseRecord {
  const parsed = leaseSchema.safeParse(unmarshall(item));
  if (!parsed.success) throw new LedgerRecordError(ledger.ledgerTable, "LEASE", parsed.error);
  return parsed.data;
}

/** Reads the lease by a consistent read; undefined where the table never had one. */
export async function readLease(ledger: Ledger, signal?: AbortSignal): Promise<LeaseRecord | undefined> {
  const request = new GetItemCommand({
    TableName: ledger.ledgerTable,
    Key: leaseKey(ledger),
    ConsistentRead: true,
  });
  const { Item } = await ledger.client.send(request, { abortSignal: signal });
  return Item ? parseLease(ledger, Item) : undefined;
}

/** Seconds since a holder's last sign of life, by wall times: for people, nothing is decided on it. */
export function silenceOf({ heartbeatAt }: Pick<LeaseRecord, "heartbeatAt">, clock: Clock): number {
  return Math.max(0, Math.round((clock.wallTime().getTime() - Date.parse(heartbeatAt)) / 1000));
}

/** A holder-to-be. */
export interface Candidate {
  readonly owner: string;
  readonly command: string;
  readonly leaseMs: number;
}

/**
 * Tries to become the holder, provided that the lease is still as it was seen.
 * @returns false where it changed meanwhile
 */
export async function claimLease(
  ledger: Ledger,
  candidate: Candidate,
  seen: LeaseRecord | undefined,
): Promise<boolean> {
  const { user, host, pid } = whoRuns();
  const at = timeText(ledger.clock);
  const request = new UpdateItemCommand({
    TableName: ledger.ledgerTable,
    Key: leaseKey(ledger),
    UpdateExpression:
      "SET #owner = :owner, #command = :command, leaseMs = :leaseMs, #user = :user, host = :host, pid = :pid, " +
      "heldSince = :at, heartbeatAt = :at ADD term :one, version :one",
    ConditionExpression: seen ? "version = :seen" : "attribute_not_exists(PK)",
    ExpressionAttributeNames: { "#owner": "owner", "#command": "command", "#user": "user" },
    ExpressionAttributeValues: {
      ":owner": { S: candidate.owner },
      ":command": { S: candidate.command },
      ":leaseMs": { N: String(candidate.leaseMs) },
      ":user": { S: user },
      ":host": { S: host },
      ":pid": { N: String(pid) },
      ":at": { S: at },
      ":one": { N: "1" },
      ...(seen ? { ":seen": { N: String(seen.version) } } : {}),
    },
  });
  return holds(ledger.client.send(request));
}

/** False where the condition of a write did not hold; any other failure is thrown. */
async function holds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** What a holder proves itself by. */
export interface Holding {
  readonly owner: string;
  readonly term: number;
}

const holdingCondition = (holding: Holding) => ({
  ConditionExpression: "#owner = :owner AND term = :term",
  ExpressionAttributeNames: { "#owner": "owner" },
  ExpressionAttributeValues: { ":owner": { S: holding.owner }, ":term": { N: String(holding.term) } },
});

/** The part of a transaction that lets it through only for the holder of the lease. */
export function holdingCheck(ledger: Ledger, holding: Holding) {
  return { TableName: ledger.ledgerTable, Key: leaseKey(ledger), ...holdingCondition(holding) };
}

/**
 * Shows that the holder lives. Safe to send twice.
 * @returns false where somebody else holds the lease
 */
export async function renewLease(ledger: Ledger, holding: Holding, signal: AbortSignal): Promise<boolean> {
  const check = holdingCheck(ledger, holding);
  const request = new UpdateItemCommand({
    ...check,
    UpdateExpression: "SET heartbeatAt = :at ADD version :one",
    ExpressionAttributeValues: {
      ...check.ExpressionAttributeValues,
      ":at": { S: timeText(ledger.clock) },
      ":one": { N: "1" },
    },
  });
  return holds(ledger.client.send(request, { abortSignal: signal }));
}

/**
 * Gives the lease back; the record stays, as its term must never start again.
 * @returns false where this holder had lost it already
 */
export async function releaseLease(ledger: Ledger, holding: Holding, signal: AbortSignal): Promise<boolean> {
  const check = holdingCheck(ledger, holding);
  const request = new UpdateItemCommand({
    ...check,
    UpdateExpression: "REMOVE #owner ADD version :one",
    ExpressionAttributeValues: { ...check.ExpressionAttributeValues, ":one": { N: "1" } },
  });
  return holds(ledger.client.send(request, { abortSignal: signal }));
}
