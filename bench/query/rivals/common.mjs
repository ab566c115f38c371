import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** What the product's own client goes by, so that all wait for the same sockets. */
export const documentClient = (endpoint) =>
  DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "tablewright", secretAccessKey: "tablewright" },
      requestHandler: { httpAgent: { keepAlive: true, maxSockets: 64 } },
    }),
  );

/** The profiles in the order of the friendships. */
export function inOrder(friendships, profiles) {
  const found = new Map(profiles.map((profile) => [profile.username, profile]));
  return friendships.map(({ followedUser }) => found.get(followedUser));
}
