import { batchGetItems } from "../../dynamo/batch-get.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { type DeadLetterRecord, deleteDeadLetter, readDeadLetters, readKey } from "../../ledger/index.ts";
import { keyOf, type StepContext } from "../steps/step-context.ts";
import { Batch } from "./batch.ts";
import type { ScanWork } from "./scan-work.ts";
import { keyHash } from "./set-aside.ts";
import { writeInParts } from "./write-in-parts.ts";

/** What came of another attempt on the items that a step had set aside. */
export interface Retried {
  readonly solved: readonly DeadLetterRecord[];
  /** Those that failed again. */
  readonly left: readonly DeadLetterRecord[];
}

/** Items that are read together. */
const READ_AT_ONCE = 25;

async function retryOne(
  letter: DeadLetterRecord,
  item: StoredItem | undefined,
  work: ScanWork,
  { fence }: StepContext,
): Promise<boolean> {
  const batch = new Batch();
  if (item) await work.handle([item], batch);
  if (batch.hasSetAside) return false;
  await fence.write([deleteDeadLetter(fence.ledger, letter)]);
  return true;
}

/** Tries the items again that a step has set aside; those that it is done with are forgotten. */
export async function retryDeadLetters(work: ScanWork, step: StepContext): Promise<Retried> {
  const { client, table, signal, clock, fence, identity, patienceMs: standstillMs } = step;
  const solved: DeadLetterRecord[] = [];
  const letters = await readDeadLetters(fence.ledger, identity);
  for (let start = 0; start < letters.length; start += READ_AT_ONCE) {
    const some = letters.slice(start, start + READ_AT_ONCE);
    const keys = some.map(({ key }) => readKey(key));
    const items = await batchGetItems(client, keys, { table, standstillMs, signal, clock });
    const found = new Map(items.map((item) => [keyHash(keyOf(item, step)), item]));
    for (const letter of some) {
      signal?.throwIfAborted();
      if (await retryOne(letter, found.get(letter.keyHash), work, step)) solved.push(letter);
    }
  }
  return { solved, left: await readDeadLetters(fence.ledger, identity) };
}

/** Forgets what a step has set aside: there is nothing to try again once it is undone. */
export async function removeDeadLetters({ fence, identity }: StepContext): Promise<void> {
  const letters = await readDeadLetters(fence.ledger, identity);
  await writeInParts(
    fence,
    letters.map((letter) => deleteDeadLetter(fence.ledger, letter)),
  );
}
