import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { StreamImage, StreamRecord } from "tablewright/stream";
import { KEY_NAMES } from "../../../queries/quick-photos/keys.ts";
import type { TableDesign } from "../../../src/dynamo/table-design.ts";
import { allItems } from "../../support/tables.ts";

export const ACTIVITY: TableDesign = {
  model: "activity",
  partitionKey: { name: "PK", type: "S" },
  sortKey: { name: "SK", type: "S" },
  indexes: {},
};

export const STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/photos/stream/2026-01-01T00:00:00.000";

type Item = Readonly<Record<string, unknown>>;

let count = 0;

/** A record as Lambda delivers it; the event's name follows from the images. */
export function streamRecord(
  images: { old?: Item; new?: Item },
  overrides: Partial<StreamRecord> = {},
): StreamRecord {
  count += 1;
  const image = (item: Item) => marshall(item, { removeUndefinedValues: true }) as StreamImage;
  const { old: before, new: after } = images;
  const keys = Object.fromEntries(KEY_NAMES.map((name) => [name, (after ?? before)?.[name]]));
  return {
    eventID: `event-${count}`,
    eventName: before ? (after ? "MODIFY" : "REMOVE") : "INSERT",
    eventSource: "aws:dynamodb",
    eventSourceARN: STREAM,
    dynamodb: {
      ApproximateCreationDateTime: 1_767_225_600 + count,
      Keys: image(keys),
      SequenceNumber: String(count).padStart(21, "0"),
      ...(before && { OldImage: image(before) }),
      ...(after && { NewImage: image(after) }),
    },
    ...overrides,
  };
}

/** What stands in an activity table: each user's feed, oldest first, and how many of it are unseen. */
export async function feeds(client: DynamoDBClient, table: string) {
  const items = (await allItems(client, table)).map((item) => unmarshall(item));
  const activities = items
    .filter(({ SK }) => SK.startsWith("ACTIVITY#"))
    .sort((a, b) => (a.SK < b.SK ? -1 : 1))
    .map(({ PK: _partition, SK: _sort, ...activity }) => activity);
  const unseen = Object.fromEntries(
    items.filter(({ SK }) => SK === "#SUMMARY#").map(({ username, unseen }) => [username, unseen]),
  );
  const events = items.filter(({ PK }) => PK.startsWith("EVENT#"));
  return { activities, unseen, events };
}
