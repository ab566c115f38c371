import { ConditionalCheckFailedException, type UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { retryFailures } from "../../dynamo/backoff.ts";
import { type ScanOptions, type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import { NotConvergedError } from "../errors.ts";
import { forEachBounded } from "../for-each-bounded.ts";
import { ReportedKeys } from "./reported-keys.ts";
import { keyOf, type StepContext } from "./step-context.ts";

const MAX_PASSES = 10;
/** Segments of a scan that a step goes over the table with. */
export const SEGMENTS = 4;
/** Writes under way for one page; with four segments 16 in all, which is what DynamoDB Local does best. */
const WRITES_PER_SEGMENT = 4;

/** Conditional updates of the items that a filter finds. */
export interface Sweep {
  /** The step's id, for messages. */
  readonly step: string;
  readonly filter: ScanOptions["filter"];
  /** What to send for an item; undefined where it is to stay as it is. */
  readonly request: (item: StoredItem) => UpdateItemCommand | undefined;
}

/** What one pass over the table did. */
interface Pass {
  written: number;
  /** Items that changed under their request. */
  conflicts: number;
  /** Items that were to stay as they are. */
  readonly kept: ReportedKeys;
}

/** @returns false where the item changed under the request, so that its condition did not hold */
async function send(request: UpdateItemCommand, context: StepContext): Promise<boolean> {
  const { client, signal, patienceMs: deadlineMs } = context;
  try {
    await retryFailures(() => client.send(request, { abortSignal: signal }), { signal, deadlineMs });
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

async function pass({ filter = {}, request }: Sweep, context: StepContext): Promise<Pass> {
  const result: Pass = { written: 0, conflicts: 0, kept: new ReportedKeys() };
  const { client, table, signal, progress } = context;
  progress.pass(SEGMENTS);
  await scanSegments(client, { table, segments: SEGMENTS, filter, signal }, (items) =>
    forEachBounded(items, WRITES_PER_SEGMENT, async (item) => {
      const command = request(item);
      if (!command) {
        result.kept.add(keyOf(item, context));
        progress.add({ skipped: 1 });
      } else if (await send(command, context)) {
        result.written += 1;
        progress.add({ written: 1 });
      } else {
        result.conflicts += 1;
        progress.add({ conflicts: 1, skipped: 1 });
      }
    }),
  );
  return result;
}

/**
 * Passes over the table until a whole one, of consistent reads, finds nothing to send a request for.
 * @returns the sums of all passes, and what the last one left as it was
 * @throws {NotConvergedError} when writers keep making items that need one.
 */
export async function sweepUntilDone(
  sweep: Sweep,
  context: StepContext,
): Promise<{ counts: { items: number; conflicts: number; passes: number }; kept: ReportedKeys }> {
  const counts = { items: 0, conflicts: 0, passes: 0 };
  for (;;) {
    const { written, conflicts, kept } = await pass(sweep, context);
    counts.items += written;
    counts.conflicts += conflicts;
    counts.passes += 1;
    const found = written + conflicts;
    if (found === 0) return { counts, kept };
    if (counts.passes === MAX_PASSES) throw new NotConvergedError(sweep.step, MAX_PASSES, found);
  }
}
