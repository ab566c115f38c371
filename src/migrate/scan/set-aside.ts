import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { canonicalItem } from "../../dynamo/canonical-item.ts";
import { timeText } from "../../dynamo/clock.ts";
import { hash128 } from "../../dynamo/hash128.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import {
  countFailure,
  type DeadLetterRecord,
  putDeadLetter,
  refusedActions,
  updateDeadLetter,
  writeKey,
} from "../../ledger/index.ts";
import { StepDefinitionError } from "../errors.ts";
import { type StepContext, showKey } from "../steps/step-context.ts";
import type { Batch } from "./batch.ts";

/** What an item is about cannot be carried out, however often it is tried; the cause says why. */
export class ItemFailure extends Error {
  constructor(cause: unknown) {
    super(describe(cause), { cause });
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (!(cause instanceof TransactionCanceledException)) return cause.message;
  const reasons = (cause.CancellationReasons ?? []).flatMap(({ Message }) => Message ?? []);
  return reasons.join("; ") || cause.message;
}

/** A key's stand-in in the keys of records: a key itself may be longer than a sort key may. */
export const keyHash = (key: StoredItem) => hash128(canonicalItem(key)).toString("hex");

/**
 * Sets an item aside that cannot be dealt with, as long as the step allows more.
 * @param limit how many items the step may set aside
 * @throws {StepDefinitionError} where it may not: with the item's key.
 */
async function setAside(
  key: StoredItem,
  failure: ItemFailure,
  limit: number,
  { fence, identity, clock, show }: StepContext,
): Promise<void> {
  const { ledger } = fence;
  const { migration, step } = identity;
  const tooMany = (also: string) =>
    new StepDefinitionError(step, show.key(key), `${show.words(failure.message)}${also}`, failure.cause);
  if (limit === 0) throw tooMany("");
  const letter: DeadLetterRecord = {
    migration,
    step,
    keyHash: keyHash(key),
    key: writeKey(key),
    shownKey: showKey(key),
    error: failure.message,
    attempts: 1,
    at: timeText(clock),
  };
  try {
    await fence.write([countFailure(ledger, identity, limit), putDeadLetter(ledger, letter)]);
  } catch (error) {
    const refused = refusedActions(error);
    if (!refused) throw error;
    // Set aside before: it has its place already.
    if (refused.has(1)) await fence.write([updateDeadLetter(ledger, letter)]);
    else throw tooMany(` (and ${limit} items are set aside already)`);
  }
}

/** Does what is to be done about an item; where that fails for the item's own sake, sets it aside. */
export async function orSetAside(
  key: StoredItem,
  limit: number,
  context: StepContext,
  batch: Batch,
  work: () => Promise<void> | void,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ItemFailure)) throw error;
    await setAside(key, error, limit, context);
    batch.setAside();
    const { identity, show } = context;
    const { migration, step } = identity;
    const facts = { migration, step, key: show.key(key), error: show.words(error.message) };
    context.progress.tell({ type: "itemSetAside", ...facts });
  }
}
