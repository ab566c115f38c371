import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { StreamRecord } from "./event.ts";

/** Why records were given up. */
export type DeadLetterCondition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** Records that a consumer gave up, next to each other in their shard. */
export interface GivenUp {
  readonly shardId: string;
  readonly records: readonly StreamRecord[];
  readonly condition: DeadLetterCondition;
  /** How often the function was called with them. */
  readonly invocations: number;
}

/** Where what could not be handled goes. */
export interface DeadLetterQueue {
  send(letter: GivenUp): void;
}

const isoOf = (record: StreamRecord | undefined) =>
  new Date((record?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString();

/**
 * A dead letter as Lambda sends it to a queue: where the records are, not what is in them
 * (Lambda developer guide, "Configuring destinations for failed invocations", DynamoDB example).
 */
function toMessage({ shardId, records, condition, invocations }: GivenUp, functionArn: string) {
  const [first, last] = [records[0], records.at(-1)];
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn,
      condition,
      approximateInvokeCount: invocations,
    },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: null },
    version: "1.0",
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.dynamodb.SequenceNumber,
      endSequenceNumber: last?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: isoOf(first),
      approximateArrivalOfLastRecord: isoOf(last),
      batchSize: records.length,
      streamArn: first?.eventSourceARN,
    },
  };
}

/** A file that stands for the queue: one line of JSON a message. */
export function deadLetterFile(file: string, functionArn: string): DeadLetterQueue {
  return {
    send(letter) {
      mkdirSync(dirname(file), { recursive: true });
      appendFileSync(file, `${JSON.stringify(toMessage(letter, functionArn))}\n`);
    },
  };
}
