import { canonicalKey } from "../../dynamo/canonical-item.ts";
import { itemBytes } from "../../dynamo/item-size.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import type { SeedItem } from "../file/records.ts";
import { ReadItem, wireOf } from "../file/seed-item.ts";
import { loadItems } from "../load/load-items.ts";
import type { LoadOptions, LoadOutcome } from "../load/load-options.ts";
import { createBatchSender, type WriteSender } from "../load/send-batch.ts";
import { type OtherKeysOptions, otherKeys, type ReplaceSubject } from "./other-keys.ts";

/** How items are deleted. */
export type DeleteOptions = OtherKeysOptions &
  Omit<LoadOptions, "onReject" | "superseded" | "batchItems" | "account">;

/** What came of the items whose keys are not in the file: those that were found are the sum of the two. */
export interface Deletion
  extends Pick<LoadOutcome, "retriedItems" | "requests" | "consumedWriteUnits" | "stop"> {
  readonly deleted: number;
  /** Found, and not deleted, or not known to be, when it was stopped. */
  readonly undeleted: number;
}

/** The items to delete, as the loader takes them: the wire of each is its key's, and its line the how-many-eth it is. */
async function* deletions(
  subject: ReplaceSubject,
  options: OtherKeysOptions,
): AsyncGenerator<Iterable<{ readonly kind: "item" } & SeedItem>> {
  const keyNames = primaryKeyNames(subject.keys);
  const { name: partitionName } = subject.keys.partitionKey;
  let line = 0;
  for await (const keys of otherKeys(subject, options)) {
    yield keys.map((key) => {
      line += 1;
      return new ReadItem({
        line,
        source: undefined,
        wire: wireOf(key),
        partition: canonicalKey(key, [partitionName]),
        key: canonicalKey(key, keyNames),
        bytes: itemBytes(key),
        writeUnits: 1,
      });
    });
  }
}

/**
 * Deletes the items whose keys are not in a file, by the same window, retries and pace as a load. Cut off at
 * any moment it may be run again. Never throws: what went wrong is in `stop`.
 */
export async function deleteOthers(
  writer: WriteSender,
  subject: ReplaceSubject,
  options: DeleteOptions = {},
): Promise<Deletion> {
  const send = createBatchSender(writer, subject.table, primaryKeyNames(subject.keys), "delete");
  const { tally, ...outcome } = await loadItems(send, deletions(subject, options), {
    ...options,
    onReject: async ([defect]) => {
      throw new Error(`DynamoDB refused to delete an item by its key: ${defect?.reason}`);
    },
  });
  const { read, written: deleted } = tally.sum();
  return { ...outcome, deleted, undeleted: read - deleted };
}
