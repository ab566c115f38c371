import {
  type CancellationReason,
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { fullJitter, retryFailures, sleep } from "../../dynamo/backoff.ts";
import type { CounterStep } from "../definition/counter.ts";
import { CounterContentionError, StepDefinitionError } from "../errors.ts";
import type { Batch } from "../scan/batch.ts";
import {
  type Addition,
  buildTransaction,
  type CounterTransaction,
  type Direction,
  type Member,
  readCancellation,
  takeBatch,
} from "./counter-transaction.ts";
import { partitionKeyName, type StepContext, showKey } from "./step-context.ts";

/** Members in one transaction: few, as each brings items of its own that other transactions may want. */
const USUAL_BATCH = 5;
/**
 * For a hub with many members, or members that touch nothing but the hub: its own item is all that can
 * conflict, so as few transactions as will do.
 */
const HOT_BATCH = 49;
const HOT_GROUP = 25;
/** After this many conflicts in a row transactions get smaller, down to one member. */
const CONFLICTS_BEFORE_SMALLER = 2;

/** A member, and the batch that it came with. */
export interface BatchMember extends Member {
  /**
   * Counts `members` whose transaction this run saw through, and those `refused`, as somebody else had dealt
   * with them or they are gone; leaves the orphans, which wait for an item that does not exist. A transaction
   * counts in the batch of its first member.
   */
  readonly batch: Batch;
}

/** The work on one hub's members. */
interface Group {
  readonly step: CounterStep;
  readonly direction: Direction;
  readonly context: StepContext;
  readonly usualLimit: number;
  pending: readonly BatchMember[];
  batchLimit: number;
  conflictsInRow: number;
  /** How long it has waited for others since something last went through, in milliseconds; no pause of the run counts. */
  waitedMs: number;
  /** Items without anything to subtract from. */
  readonly absent: Set<string>;
  /** Items that were given the map they lacked. */
  readonly initialised: Set<string>;
}

/** Sends a transaction; its reasons when it was cancelled, undefined when it went through. */
async function attempt(
  { input }: CounterTransaction,
  context: StepContext,
): Promise<readonly CancellationReason[] | undefined> {
  const { client, signal, patienceMs: deadlineMs } = context;
  const send = async () => {
    try {
      await client.send(new TransactWriteItemsCommand(input), { abortSignal: signal });
      return undefined;
    } catch (error) {
      if (error instanceof TransactionCanceledException) return error.CancellationReasons ?? [];
      throw error;
    }
  };
  // Sending again after a lost answer is safe: the marks' conditions let a transaction through once, and
  // by its token it is known for the same one, so that its own success is not taken for somebody else's.
  return retryFailures(send, { signal, deadlineMs });
}

const without = (members: readonly BatchMember[], gone: readonly Member[]) => {
  const keys = new Set(gone.map((member) => member.keyText));
  return members.filter((member) => !keys.has(member.keyText));
};

const countsOn = (member: Member, keyText: string) =>
  member.places.some((place) => place.keyText === keyText);

/** Gives an existing item the map that additions go into. */
async function initialise(addition: Addition, group: Group): Promise<void> {
  const { step, context } = group;
  const attributes = [
    ...new Set([...addition.amounts.keys()].map((path) => (JSON.parse(path) as string[])[0])),
  ];
  for (const attribute of attributes) {
    const initial = attribute === undefined ? undefined : step.initial[attribute];
    if (attribute === undefined || initial === undefined || group.initialised.has(addition.keyText)) {
      const problem = `has no place for ${[...addition.amounts.keys()].join(", ")}, and the step's initial values give none`;
      throw new StepDefinitionError(step.id, showKey(addition.key), problem);
    }
    const request = new UpdateItemCommand({
      TableName: context.table,
      Key: addition.key,
      UpdateExpression: "SET #attribute = :initial",
      ConditionExpression: "attribute_exists(#key) AND attribute_not_exists(#attribute)",
      ExpressionAttributeNames: { "#key": partitionKeyName(context), "#attribute": attribute },
      ExpressionAttributeValues: marshall({ ":initial": initial }),
    });
    try {
      await retryFailures(() => context.client.send(request, { abortSignal: context.signal }), context);
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
  group.initialised.add(addition.keyText);
}

/** Deals with items that could not take the additions: members without a counter to count on are orphans. */
async function settleUnready(
  unready: readonly { addition: Addition; exists: boolean }[],
  group: Group,
): Promise<void> {
  for (const { addition, exists } of unready) {
    const { keyText } = addition;
    if (group.direction === "uncount") {
      // The item went, or came back, since it was looked at.
      if (!group.absent.delete(keyText)) group.absent.add(keyText);
    } else if (exists) {
      await initialise(addition, group);
    } else {
      const orphans = group.pending.filter((member) => countsOn(member, keyText));
      for (const { key, batch } of orphans) batch.leave(key);
      group.pending = without(group.pending, orphans);
    }
  }
}

/** Puts the batch behind the others and waits; batches halve, down to one member, while conflicts go on. */
async function settleConflict(members: readonly BatchMember[], group: Group): Promise<void> {
  const { step, context } = group;
  members[0]?.batch.conflict();
  group.conflictsInRow += 1;
  if (group.conflictsInRow >= CONFLICTS_BEFORE_SMALLER) {
    group.batchLimit = Math.max(1, Math.floor(group.batchLimit / 2));
  }
  if (group.waitedMs > context.patienceMs) {
    const hub = members[0]?.places[0];
    throw new CounterContentionError(step.id, hub ? showKey(hub.key) : "", context.patienceMs / 1000);
  }
  group.pending = [...without(group.pending, members), ...members];
  const wait = fullJitter(group.conflictsInRow);
  group.waitedMs += wait;
  await sleep(wait, context.signal);
}

async function settleCancellation(
  transaction: CounterTransaction<BatchMember>,
  reasons: readonly CancellationReason[],
  group: Group,
): Promise<void> {
  const { refused, unready, invalid } = readCancellation(transaction, reasons);
  const [member] = transaction.members;
  if (invalid.length > 0 && member) {
    throw new StepDefinitionError(group.step.id, showKey(member.key), invalid.join("; "));
  }
  for (const { batch } of refused) batch.add("refused");
  group.pending = without(group.pending, refused);
  await settleUnready(unready, group);
  if (refused.length === 0 && unready.length === 0) await settleConflict(transaction.members, group);
}

function settleSuccess(members: readonly BatchMember[], group: Group): void {
  for (const { batch } of members) batch.write("members");
  group.pending = without(group.pending, members);
  group.conflictsInRow = 0;
  group.batchLimit = Math.min(group.usualLimit, group.batchLimit * 2);
  group.waitedMs = 0;
}

function usualLimit(members: readonly Member[]): number {
  const touchOnlyTheHub = members.every(({ places }) =>
    places.every((place) => place.keyText === places[0]?.keyText),
  );
  return members.length >= HOT_GROUP || touchOnlyTheHub ? HOT_BATCH : USUAL_BATCH;
}

/**
 * Counts (or uncounts) the members of one hub, batch after batch, until each was dealt with: done here,
 * refused because somebody else had done it, or an orphan.
 * @throws {CounterContentionError} when conflicts let nothing through though it has waited for `patienceMs`.
 */
export async function settleGroup(
  step: CounterStep,
  members: readonly BatchMember[],
  direction: Direction,
  context: StepContext,
): Promise<void> {
  const limit = usualLimit(members);
  const group: Group = {
    step,
    direction,
    context,
    pending: members,
    usualLimit: limit,
    batchLimit: limit,
    conflictsInRow: 0,
    waitedMs: 0,
    absent: new Set(),
    initialised: new Set(),
  };
  while (group.pending.length > 0) {
    const together = takeBatch(group.pending, group.batchLimit);
    const transaction = buildTransaction(step, together, direction, group.absent, context);
    together[0]?.batch.add("transactions");
    const reasons = await attempt(transaction, context);
    if (reasons) await settleCancellation(transaction, reasons, group);
    else settleSuccess(together, group);
  }
}
