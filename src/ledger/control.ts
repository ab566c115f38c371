import { randomUUID } from "node:crypto";
import {
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { retryFailures } from "../dynamo/backoff.ts";
import type { Clock } from "../dynamo/clock.ts";
import { type ControlRecord, controlKey, readControl } from "./control-record.ts";
import { type EventFacts, type EventPlace, putEventOf } from "./history.ts";
import { type Holding, holdingCheck } from "./lease-record.ts";
import type { Ledger } from "./open-ledger.ts";

/** What an order changes; undefined takes an order back. */
export type ControlChange = Partial<Pick<ControlRecord, "paused" | "aborted" | "rate">>;

/** The order of the last event, so that an event from outside of the run comes right after it. */
async function readLastOrder(ledger: Ledger): Promise<number> {
  const request = new QueryCommand({
    TableName: ledger.ledgerTable,
    KeyConditionExpression: "PK = :scope AND begins_with(SK, :event)",
    ExpressionAttributeValues: { ":scope": { S: ledger.scope }, ":event": { S: "EVENT#" } },
    ConsistentRead: true,
    ScanIndexForward: false,
    Limit: 1,
  });
  const { Items = [] } = await ledger.client.send(request);
  return Number(Items[0]?.order?.N ?? 0);
}

/** What an order came to. */
export type ControlOutcome =
  | { readonly kind: "given"; readonly control: ControlRecord }
  /** The run ended meanwhile. */
  | { readonly kind: "runEnded" }
  /** Somebody else gave an order at the same moment. */
  | { readonly kind: "raced" };

/**
 * Gives an order to the run that holds the lease, and notes it down in the history, in one transaction that
 * goes through only while that run holds it and nobody else gave an order meanwhile. It takes no lease.
 * @param holder the run
 * @param seen the last order, as it was read
 * @param event what happens, for the history
 */
export async function giveOrder(
  ledger: Ledger,
  { owner, term }: Holding,
  seen: ControlRecord | undefined,
  change: ControlChange,
  { commit, ...event }: EventFacts & Pick<EventPlace, "commit">,
): Promise<ControlOutcome> {
  const own = seen?.term === term ? seen : undefined;
  const control: ControlRecord = { ...own, ...change, term, version: (seen?.version ?? 0) + 1 };
  const order = await retryFailures(() => readLastOrder(ledger), ledger);
  const request = new TransactWriteItemsCommand({
    // Sent again after a lost answer, it must not take its own success for somebody else's order.
    ClientRequestToken: randomUUID(),
    TransactItems: [
      { ConditionCheck: holdingCheck(ledger, { owner, term }) },
      {
        Put: {
          TableName: ledger.ledgerTable,
          Item: marshall({ ...unmarshall(controlKey(ledger)), ...control }, { removeUndefinedValues: true }),
          ConditionExpression: seen ? "version = :seen" : "attribute_not_exists(PK)",
          ...(seen ? { ExpressionAttributeValues: { ":seen": { N: String(seen.version) } } } : {}),
        },
      },
      putEventOf(ledger, { order, term, behind: control.version, commit }, event),
    ],
  });
  try {
    await retryFailures(() => ledger.client.send(request), ledger);
    return { kind: "given", control };
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const [lease, order] = (error.CancellationReasons ?? []).map(
      ({ Code }) => Code === "ConditionalCheckFailed",
    );
    if (lease) return { kind: "runEnded" };
    if (order) return { kind: "raced" };
    throw error;
  }
}

/** How often a run looks for orders, in milliseconds. */
const POLL_MS = 2_000;

/**
 * Looks for orders to the run of a term every two seconds until `stop` is aborted, and hands each new one on.
 * A look that fails is made up for by the next.
 */
export async function watchControl(
  ledger: Ledger,
  term: number,
  { clock, stop }: { clock: Clock; stop: AbortSignal },
  obey: (control: ControlRecord) => Promise<void> | void,
): Promise<void> {
  let version = 0;
  for (;;) {
    try {
      await clock.sleep(POLL_MS, stop);
      const control = await readControl(ledger);
      if (stop.aborted) return;
      if (control?.term !== term || control.version <= version) continue;
      version = control.version;
      await obey(control);
    } catch {
      if (stop.aborted) return;
    }
  }
}
