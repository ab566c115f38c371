import { randomUUID } from "node:crypto";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Database, PatternRequest } from "./access-pattern.ts";
import type { PlainItem } from "./oracle.ts";
import { persist } from "./persist.ts";

type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];
type Action<Kind extends keyof TransactItem> = Omit<
  NonNullable<TransactItem[Kind]>,
  "TableName" | "ReturnValuesOnConditionCheckFailure"
>;

/** One action of a transaction; its table is the database's. */
export type TransactAction =
  | { readonly Put: Action<"Put"> }
  | { readonly Update: Action<"Update"> }
  | { readonly Delete: Action<"Delete"> }
  | { readonly ConditionCheck: Action<"ConditionCheck"> };

/** The actions whose condition did not hold, with their items as they stood; undefined where there was none. */
export type FailedConditions<Name extends string> = ReadonlyMap<Name, PlainItem | undefined>;

function transactItem(action: TransactAction, table: string): TransactItem {
  // With the old item at hand, a condition of two parts tells which of them did not hold.
  const common = { TableName: table, ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };
  if ("Put" in action) return { Put: { ...action.Put, ...common } };
  if ("Update" in action) return { Update: { ...action.Update, ...common } };
  if ("Delete" in action) return { Delete: { ...action.Delete, ...common } };
  return { ConditionCheck: { ...action.ConditionCheck, ...common } };
}

/**
 * Reads which conditions failed from CancellationReasons, which stand in the order of the actions. A
 * cancellation may name conflicts and failed conditions together: a condition that failed has failed.
 */
function failedConditions<Name extends string>(error: unknown, names: readonly Name[]) {
  const failed = new Map<Name, PlainItem | undefined>();
  if (!(error instanceof TransactionCanceledException)) return failed;
  names.forEach((name, index) => {
    const reason = error.CancellationReasons?.[index];
    if (reason?.Code === "ConditionalCheckFailed") {
      // The document client leaves errors as they come from the wire; no number of an item may stop a refusal.
      failed.set(name, reason.Item && unmarshall(reason.Item, { wrapNumbers: true }));
    }
  });
  return failed;
}

/** The actions of a transaction, by names of the caller's choice, in the order in which they are sent. */
export type TransactActions<Name extends string = string> = Readonly<Record<Name, TransactAction>>;

/** The TransactWriteItems that {@link transactWrite} sends, without its token. Pure. */
export const transactRequest = (
  actions: TransactActions,
  table: string,
): PatternRequest & { readonly input: TransactWriteCommandInput } => ({
  operation: "TransactWriteItems",
  input: {
    TransactItems: Object.values(actions).map((action) => transactItem(action, table)),
    ReturnConsumedCapacity: "TOTAL",
  },
});

/**
 * Writes all actions or none. The request carries one token for all its attempts, so that a lost answer is
 * asked for again and not written again (API_TransactWriteItems, ClientRequestToken: kept for 10 minutes).
 * @param refuse turns failed conditions into the error that is thrown, as a rule a {@link QueryRefusal}
 * @throws what `refuse` makes; {@link ContendedError} when other transactions hold the items to the end.
 */
export async function transactWrite<Name extends string>(
  database: Database,
  actions: TransactActions<Name>,
  refuse: (failed: FailedConditions<Name>) => Error,
): Promise<void> {
  const names = Object.keys(actions) as Name[];
  const command = new TransactWriteCommand({
    ...transactRequest(actions, database.table).input,
    ClientRequestToken: randomUUID(),
  });
  try {
    await persist(database, () => database.client.send(command, { abortSignal: database.signal }));
  } catch (error) {
    const failed = failedConditions(error, names);
    if (failed.size > 0) throw refuse(failed);
    throw error;
  }
}

/**
 * Whether a write failed because an update goes into a map that the item does not have. AWS cancels the
 * transaction with a ValidationError among its reasons; DynamoDB Local answers a bare ValidationException.
 */
export function isMissingPathError(error: unknown): boolean {
  const isPathMessage = (message: string | undefined) =>
    /document path .*invalid for update/i.test(message ?? "");
  if (error instanceof TransactionCanceledException) {
    return (error.CancellationReasons ?? []).some(
      (reason) => reason.Code === "ValidationError" && isPathMessage(reason.Message),
    );
  }
  return error instanceof Error && error.name === "ValidationException" && isPathMessage(error.message);
}
