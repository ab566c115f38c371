import type { StreamBatchResponse, StreamEvent, StreamRecord } from "tablewright/stream";
import { activityOf } from "./activity.ts";
import { readChange } from "./read-change.ts";
import { type ActivityTable, recordActivity } from "./record-activity.ts";

/** What the consumer works with. */
export interface ConsumerTools {
  readonly table: ActivityTable;
  /** Takes one line of JSON. Lines never hold item data: logs are read by more people than the table. */
  readonly log: (line: string) => void;
}

/** What became of a record: "ignored" where it means nothing to anybody. */
type Outcome = "recorded" | "repeated" | "ignored";

async function consumeRecord(record: StreamRecord, { table }: ConsumerTools): Promise<Outcome> {
  const activity = activityOf(readChange(record));
  return activity ? recordActivity(table, record, activity) : "ignored";
}

/**
 * Turns the changes of Quick Photos into activity feeds: record by record in the stream's order, up to the
 * first that fails, whose sequence number it answers. What is delivered again after that does no harm.
 * @throws {TypeError} where a failed record has no sequence number: the whole batch has failed then.
 */
export async function consume(event: StreamEvent, tools: ConsumerTools): Promise<StreamBatchResponse> {
  const counts: Record<Outcome, number> = { recorded: 0, repeated: 0, ignored: 0 };
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const record of event.Records) {
    try {
      counts[await consumeRecord(record, tools)] += 1;
    } catch (error) {
      const { eventID, eventName, dynamodb } = record;
      const sequenceNumber = dynamodb?.SequenceNumber;
      const reason = error instanceof Error ? error.name : "unknown";
      const line = { level: "ERROR", message: "record failed", eventID, eventName, sequenceNumber, reason };
      tools.log(JSON.stringify(line));
      if (!sequenceNumber) throw new TypeError("a record without a sequence number", { cause: error });
      batchItemFailures.push({ itemIdentifier: sequenceNumber });
      break;
    }
  }
  const failed = batchItemFailures.length;
  tools.log(
    JSON.stringify({ level: "INFO", message: "batch", records: event.Records.length, ...counts, failed }),
  );
  return { batchItemFailures };
}
