import { randomUUID } from "node:crypto";
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { retryFailures } from "../../dynamo/backoff.ts";
import { classifyFailure } from "../../dynamo/classify.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { Batch } from "../scan/batch.ts";
import { ItemFailure } from "../scan/set-aside.ts";
import type { ItemUpdate } from "./backfill/expressions.ts";
import type { StepContext } from "./step-context.ts";

/** What is written for an item: its update, and what goes into the ledger in the same transaction. */
export interface ItemChange {
  readonly update: ItemUpdate;
  readonly record?: TransactWriteItem;
}

/** Looks at an item afresh: what is to be written; undefined where it is to stay as it is. */
export type Evaluate = (item: StoredItem) => ItemChange | undefined;

/**
 * Attempts on an item that changes under each of them. What is left is found again by the next pass.
 */
const MAX_ATTEMPTS = 5;

/** What a refused request says of the item: as it is now, or nothing where it is gone. */
interface Refusal {
  readonly item: StoredItem | undefined;
}

const returnItem = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

function requestFor({ update, record }: ItemChange) {
  return record
    ? new TransactWriteItemsCommand({
        // One token for all attempts: a write whose answer was lost must not be refused by its own effect.
        ClientRequestToken: randomUUID(),
        TransactItems: [{ Update: { ...update, ...returnItem } }, record],
      })
    : new UpdateItemCommand({ ...update, ...returnItem });
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof ConditionalCheckFailedException) return { item: error.Item };
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const [reason, ...others] = error.CancellationReasons ?? [];
  const failed = (code: string | undefined) => code === "ConditionalCheckFailed";
  if (failed(reason?.Code)) return { item: reason?.Item };
  // The record is another one by now: whoever changed it has dealt with the item too.
  return others.some(({ Code }) => failed(Code)) ? { item: undefined } : undefined;
}

async function send(change: ItemChange, context: StepContext): Promise<Refusal | undefined> {
  const { client, signal, clock, patienceMs: deadlineMs } = context;
  const request = requestFor(change);
  const options = { abortSignal: signal };
  const attempt = (): Promise<unknown> =>
    request instanceof UpdateItemCommand ? client.send(request, options) : client.send(request, options);
  try {
    await retryFailures(attempt, { signal, clock, deadlineMs });
    return undefined;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) return refusal;
    throw classifyFailure(error) === "invalid" ? new ItemFailure(error) : error;
  }
}

function look(item: StoredItem, evaluate: Evaluate, onFailure = () => {}): ItemChange | undefined {
  try {
    return evaluate(item);
  } catch (error) {
    onFailure();
    throw new ItemFailure(error);
  }
}

/**
 * Writes an item's change under its conditions. Where the item changed meanwhile it is looked at afresh, as
 * it is now, and tried again at once; one that is gone is never brought back.
 * @returns false where there was nothing to write from the first
 * @throws {ItemFailure} where the item cannot be worked out, or DynamoDB refuses what is to be written.
 */
export async function settleItem(
  item: StoredItem,
  evaluate: Evaluate,
  context: StepContext,
  batch: Batch,
): Promise<boolean> {
  let change = look(item, evaluate, () => batch.find());
  if (!change) return false;
  batch.find();
  for (let attempt = 1; change && attempt <= MAX_ATTEMPTS; attempt += 1) {
    const refusal = await send(change, context);
    if (!refusal) {
      batch.write("items");
      return true;
    }
    batch.conflict();
    change = refusal.item && look(refusal.item, evaluate);
  }
  return true;
}
