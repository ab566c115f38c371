import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { retryFailures } from "../../../dynamo/backoff.ts";
import { batchGetItems } from "../../../dynamo/batch-get.ts";
import { canonicalValue } from "../../../dynamo/canonical-item.ts";
import { hash128 } from "../../../dynamo/hash128.ts";
import type { StoredItem } from "../../../dynamo/scan.ts";
import {
  deleteJournal,
  JOURNAL_PARTS,
  type JournalRecord,
  putJournal,
  readJournal,
  type ScanName,
} from "../../../ledger/index.ts";
import { NotConvergedError } from "../../errors.ts";
import { forEachBounded } from "../../for-each-bounded.ts";
import { addCounts, Batch, firstNamed } from "../../scan/batch.ts";
import { dropScan } from "../../scan/run-scan.ts";
import type { ScanOutcome } from "../../scan/scan-work.ts";
import { keyHash } from "../../scan/set-aside.ts";
import { type Evaluate, type ItemChange, settleItem } from "../settle-item.ts";
import { keyOf, type StepContext } from "../step-context.ts";
import { type ItemUpdate, restoreRequest } from "./expressions.ts";

const MAX_PASSES = 10;
const PARTS_AT_ONCE = 4;
const WRITES_AT_ONCE = 4;
/** Records that are dealt with together: as many items as one BatchGetItem reads. */
const RECORDS_AT_ONCE = 100;

const hashOf = (value: StoredItem[string]) => hash128(canonicalValue(value)).toString("hex");

/** An item before a step, and the values that the step gives it. */
interface Given {
  readonly item: StoredItem;
  readonly given: StoredItem;
}

/** The record of what an update overwrites. */
export function journalRecord(
  { item, given }: Given,
  { migration, step }: ScanName,
  { keyNames }: Pick<StepContext, "keyNames">,
): JournalRecord {
  const key = keyOf(item, { keyNames });
  const names = Object.keys(given);
  return {
    migration,
    step,
    id: randomUUID(),
    keyHash: keyHash(key),
    key,
    old: Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : []))),
    given: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, hashOf(value)])),
  };
}

/** An update, and with it the record of what it overwrites. */
export function journalled(
  { update, ...values }: { update: ItemUpdate } & Given,
  { identity, fence, keyNames }: StepContext,
): ItemChange {
  return { update, record: putJournal(fence.ledger, journalRecord(values, identity, { keyNames })) };
}

/** The attributes of an item that still are as the step gave them. */
const ownAttributes = ({ given }: JournalRecord, item: StoredItem) =>
  Object.keys(given).filter((name) => item[name] !== undefined && hashOf(item[name]) === given[name]);

/** Removes a record that nothing is to be restored from; somebody else may have done so. */
async function forget(record: JournalRecord, { fence, signal, clock }: StepContext): Promise<void> {
  const request = new DeleteItemCommand(deleteJournal(fence.ledger, record));
  try {
    await retryFailures(() => fence.ledger.client.send(request, { abortSignal: signal }), { signal, clock });
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

async function restoreOne(
  record: JournalRecord,
  item: StoredItem | undefined,
  context: StepContext,
  batch: Batch,
): Promise<void> {
  const evaluate: Evaluate = (current) => {
    const own = ownAttributes(record, current);
    if (own.length === 0) return undefined;
    const old = Object.fromEntries(own.map((name) => [name, record.old[name]]));
    return {
      update: restoreRequest(current, old, context),
      record: { Delete: deleteJournal(context.fence.ledger, record) },
    };
  };
  const own = item ? ownAttributes(record, item) : [];
  if (item && own.length < Object.keys(record.given).length) batch.leave(record.key);
  const restored = item !== undefined && (await settleItem(item, evaluate, context, batch));
  if (!restored) await forget(record, context);
}

/** @returns how many records there were */
async function restorePart(part: number, context: StepContext, onBatch: (batch: Batch) => void) {
  const { fence, identity, client, table, signal, clock, patienceMs: standstillMs } = context;
  let found = 0;
  for await (const page of readJournal(fence.ledger, identity, part)) {
    for (let start = 0; start < page.length; start += RECORDS_AT_ONCE) {
      context.stopping?.throwIfAborted();
      const records = page.slice(start, start + RECORDS_AT_ONCE);
      const keys = records.map(({ key }) => key);
      const items = await batchGetItems(client, keys, { table, standstillMs, signal, clock });
      const byKey = new Map(items.map((item) => [keyHash(keyOf(item, context)), item]));
      const batch = new Batch(context.progress);
      await forEachBounded(records, WRITES_AT_ONCE, (record) =>
        restoreOne(record, byKey.get(record.keyHash), context, batch),
      );
      found += records.length;
      onBatch(batch);
    }
  }
  return found;
}

/**
 * Gives every item back what the step overwrote, where the value still is the one that the step gave, and
 * removes what it added there. A record goes in the same transaction, so that a run that dies is taken up
 * where it was. Items that are gone stay gone.
 * @throws {NotConvergedError} when writers keep changing items under it.
 */
export async function restoreFromJournal(context: StepContext): Promise<ScanOutcome> {
  // Its cursors would lead an `up` that follows past what is restored here.
  await dropScan(context);
  let counts: Readonly<Record<string, number>> = {};
  let left = 0;
  let named: readonly string[] = [];
  const onBatch = (batch: Batch) => {
    counts = addCounts(counts, batch.counts);
    left += batch.left;
    named = firstNamed([named, batch.named]);
  };
  for (let passes = 1; ; passes += 1) {
    let found = 0;
    await forEachBounded(Array.from({ length: JOURNAL_PARTS }).keys(), PARTS_AT_ONCE, async (part) => {
      found += await restorePart(part, context, onBatch);
    });
    if (found === 0) return { counts, passes, left, named, setAside: 0 };
    if (passes === MAX_PASSES) throw new NotConvergedError(context.identity.step, MAX_PASSES, found);
  }
}
