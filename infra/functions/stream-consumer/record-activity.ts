import { setTimeout as delay } from "node:timers/promises";
import {
  type DynamoDBClient,
  type TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { StreamRecord } from "tablewright/stream";
import type { Activity } from "./activity.ts";

/** The activity table: a client and its physical name. */
export interface ActivityTable {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly name: string;
}

/**
 * How long it is known that an event was handled: a stream delivers a record for 24 hours, and a dead
 * letter that is fetched again comes no later than that.
 */
const REMEMBERED_SECONDS = 48 * 3600;

/** Two shards may write to one user's feed at once. A few turns settle it; after that Lambda tries again. */
const MAX_TURNS = 6;
const FIRST_WAIT_MS = 20;

/** Digits that a sequence number has at most (API_streams_StreamRecord): padded, text order is their order. */
const SEQUENCE_DIGITS = 40;

const feedOf = (username: string) => `USER#${username}`;

/** The one record of an event: its stream and its id, as an id names it in its stream only. */
const eventKey = ({ eventSourceARN, eventID }: StreamRecord) => ({
  PK: `EVENT#${eventSourceARN}#${eventID}`,
  SK: "#EVENT#",
});

function activityItem(record: StreamRecord, activity: Activity) {
  const at = new Date(record.dynamodb.ApproximateCreationDateTime * 1000).toISOString();
  const number = record.dynamodb.SequenceNumber.padStart(SEQUENCE_DIGITS, "0");
  return {
    PK: feedOf(activity.username),
    SK: `ACTIVITY#${at}#${number}#${record.eventID}`,
    ...activity,
    at,
  };
}

/** Records the event, adds to the feed and counts what is unseen, all or none. */
function transaction(table: string, record: StreamRecord, activity: Activity): TransactWriteItemsCommand {
  const expiresAt = Math.floor(Date.now() / 1000) + REMEMBERED_SECONDS;
  return new TransactWriteItemsCommand({
    TransactItems: [
      {
        Put: {
          TableName: table,
          Item: marshall({ ...eventKey(record), expiresAt }),
          ConditionExpression: "attribute_not_exists(PK)",
        },
      },
      { Put: { TableName: table, Item: marshall(activityItem(record, activity)) } },
      {
        Update: {
          TableName: table,
          Key: marshall({ PK: feedOf(activity.username), SK: "#SUMMARY#" }),
          UpdateExpression: "SET username = :username ADD unseen :one",
          ExpressionAttributeValues: marshall({ ":username": activity.username, ":one": 1 }),
        },
      },
    ],
  });
}

const reasonsOf = (error: unknown) =>
  (error instanceof Error && error.name === "TransactionCanceledException"
    ? ((error as TransactionCanceledException).CancellationReasons ?? [])
    : []
  ).map(({ Code }) => Code);

/** Whether another transaction was in the way, and the next turn may find it gone. */
function isConflict(error: unknown): boolean {
  if (error instanceof Error && error.name === "TransactionInProgressException") return true;
  return reasonsOf(error).some((code) => code === "TransactionConflict" || code === "ThrottlingError");
}

/**
 * Adds an activity to its user's feed, once for each event however often the event is delivered.
 * @returns "recorded", or "repeated" where this event was handled before.
 * @throws what DynamoDB answers, when it cannot be written now: the record is to be delivered again.
 */
export async function recordActivity(
  table: ActivityTable,
  record: StreamRecord,
  activity: Activity,
): Promise<"recorded" | "repeated"> {
  for (let turn = 1; ; turn += 1) {
    try {
      await table.client.send(transaction(table.name, record, activity));
      return "recorded";
    } catch (error) {
      if (reasonsOf(error)[0] === "ConditionalCheckFailed") return "repeated";
      if (!isConflict(error) || turn === MAX_TURNS) throw error;
      await delay(Math.random() * FIRST_WAIT_MS * 2 ** turn);
    }
  }
}
