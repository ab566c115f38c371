import { TransactionCanceledException, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { retryFailures } from "../dynamo/backoff.ts";
import { type History, lastOrder, putEventOf } from "./history.ts";
import { holdingCheck, type LeaseRecord } from "./lease-record.ts";
import type { Ledger } from "./open-ledger.ts";

/** A lease that somebody holds. */
export type HeldLease = LeaseRecord & { readonly owner: string };

/**
 * Takes the lease away from its holder, whether it lives or not, and notes that down. The holder's term stays
 * the last one until somebody takes the lease anew: from now on its every write to the ledger is refused.
 * @returns false where the holder has changed meanwhile; then nothing was written
 */
export async function breakLease(
  ledger: Ledger,
  held: HeldLease,
  history: Pick<History, "events">,
  facts: { readonly reason: string | undefined; readonly commit: string | undefined },
): Promise<boolean> {
  const { owner, term } = held;
  const check = holdingCheck(ledger, { owner, term });
  const removal = {
    Update: {
      ...check,
      UpdateExpression: "REMOVE #owner ADD version :one",
      ExpressionAttributeValues: { ...check.ExpressionAttributeValues, ":one": { N: "1" } },
    },
  };
  const event = putEventOf(
    ledger,
    { order: lastOrder(history) + 1, term, commit: facts.commit },
    { kind: "lock", subject: owner, action: "unlock", outcome: "released", reason: facts.reason },
  );
  const request = new TransactWriteItemsCommand({ TransactItems: [removal, event] });
  try {
    await retryFailures(() => ledger.client.send(request), ledger);
    return true;
  } catch (error) {
    const refused =
      error instanceof TransactionCanceledException &&
      error.CancellationReasons?.[0]?.Code === "ConditionalCheckFailed";
    if (refused) return false;
    throw error;
  }
}
