import { CreateTableCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { onTestFinished } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { describeTable } from "../../src/dynamo/describe.ts";
import { createStreamsClient } from "../../src/dynamo/streams-client.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { createTableInput, uniqueName } from "../support/tables.ts";

/** A client of the streams API, closed when the test ends. */
export function streamsClient(endpoint: string) {
  const client = createStreamsClient(localTarget(endpoint), { maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

/** Makes a Quick Photos table that writes a stream of new and old images. */
export async function createStreamingTable(
  client: DynamoDBClient,
  name = uniqueName("streaming"),
): Promise<{ table: string; streamArn: string }> {
  await client.send(
    new CreateTableCommand({
      ...createTableInput(name, quickPhotos, false),
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    }),
  );
  await waitUntilActive(client, name, { pollMs: 20 });
  const description = await describeTable(client, name);
  return { table: name, streamArn: String(description?.LatestStreamArn) };
}

/** Writes friendships by number, one event each, oldest first. */
export async function follow(client: DynamoDBClient, table: string, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number += 1) {
    const [followedUser, followingUser] = [`user-${number % 7}`, `fan-${number}`];
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: {
          PK: { S: `USER#${followedUser}` },
          SK: { S: `#FRIEND#${followingUser}` },
          followedUser: { S: followedUser },
          followingUser: { S: followingUser },
          timestamp: { S: "2026-01-01T10:00:00" },
        },
      }),
    );
  }
}
