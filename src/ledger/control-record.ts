import { type AttributeValue, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { z } from "zod";
import { timeText } from "../dynamo/clock.ts";
import { LedgerRecordError } from "./errors.ts";
import { whoRuns } from "./lease-record.ts";
import type { Ledger } from "./open-ledger.ts";

const orderSchema = z.object({
  /** Who gave it, and when by their wall clock: for people. */
  user: z.string(),
  host: z.string(),
  at: z.string(),
  /** Why, in their words. */
  reason: z.string().optional(),
});

const controlSchema = z.object({
  /** The run it is meant for, by the term of its lease: another run does not obey it. */
  term: z.number(),
  /** Grows with every order. */
  version: z.number(),
  /** Absent: it goes on. */
  paused: orderSchema.optional(),
  aborted: orderSchema.optional(),
  /** The rate in the words of a command line; absent: the one that the run was started with. */
  rate: orderSchema.extend({ words: z.array(z.string()) }).optional(),
});

/** Who gave an order, when and why. */
export type OrderFacts = z.infer<typeof orderSchema>;

/** Who gave an order, and why, in words. */
export const describeGiver = ({ user, host, reason }: Pick<OrderFacts, "user" | "host" | "reason">): string =>
  `${user} on ${host}${reason === undefined ? "" : ` (${reason})`}`;

/** What is wanted of the run that holds the lease. */
export type ControlRecord = z.infer<typeof controlSchema>;

/** An order that this process gives now. */
export function orderFacts({ clock }: Ledger, reason: string | undefined): OrderFacts {
  const { user, host } = whoRuns();
  return { user, host, at: timeText(clock), reason };
}

/** The key of the orders to a table's runs. */
export const controlKey = (ledger: Ledger): Record<string, AttributeValue> => ({
  PK: { S: ledger.scope },
  SK: { S: "CONTROL" },
});

/** Reads an item of the ledger as orders. */
export function parseControl(ledger: Ledger, item: Record<string, AttributeValue>): ControlRecord {
  const parsed = controlSchema.safeParse(unmarshall(item));
  if (!parsed.success) throw new LedgerRecordError(ledger.ledgerTable, "CONTROL", parsed.error);
  return parsed.data;
}

/** Reads the last order that was given, by a consistent read; undefined where there never was one. */
export async function readControl(ledger: Ledger): Promise<ControlRecord | undefined> {
  const request = new GetItemCommand({
    TableName: ledger.ledgerTable,
    Key: controlKey(ledger),
    ConsistentRead: true,
  });
  const { Item } = await ledger.client.send(request);
  if (!Item) return undefined;
  return parseControl(ledger, Item);
}
