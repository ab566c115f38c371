import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import type { RandomSource } from "../faults/rules.ts";
import { friendshipItem } from "./photos.ts";

/** An application that keeps the mark: what must be deployed before the counter step may run. */
export interface LiveApplication {
  readonly client: DynamoDBClient;
  readonly table: string;
}

const s = (text: string): AttributeValue => ({ S: text });

function add(table: string, username: string, attribute: string, amount: number) {
  return {
    Update: {
      TableName: table,
      Key: { PK: s(`USER#${username}`), SK: s(`#METADATA#${username}`) },
      UpdateExpression: "ADD #counter :amount",
      ConditionExpression: "attribute_exists(PK)",
      ExpressionAttributeNames: { "#counter": attribute },
      ExpressionAttributeValues: { ":amount": { N: String(amount) } },
    },
  };
}

/** The error, where it says that the request had no effect that matters here; anything else is thrown. */
function refusal(error: unknown): TransactionCanceledException | undefined {
  if (error instanceof TransactionCanceledException) return error;
  throw error;
}

/** Makes a friendship, marked and counted in one transaction. */
export async function follow({ client, table }: LiveApplication, followed: string, following: string) {
  const Item = { ...friendshipItem(followed, following), counted: { BOOL: true } };
  const TransactItems = [
    { Put: { TableName: table, Item, ConditionExpression: "attribute_not_exists(PK)" } },
    add(table, followed, "followers", 1),
    add(table, following, "following", 1),
  ];
  await client.send(new TransactWriteItemsCommand({ TransactItems })).catch(refusal);
}

/** Deletes a friendship: subtracts where it is marked, and only there. */
export async function unfollow(application: LiveApplication, followed: string, following: string) {
  const { client, table } = application;
  const key = { TableName: table, Key: { PK: s(`USER#${followed}`), SK: s(`#FRIEND#${following}`) } };
  const TransactItems = [
    {
      Delete: {
        ...key,
        ConditionExpression: "attribute_exists(counted)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
      },
    },
    add(table, followed, "followers", -1),
    add(table, following, "following", -1),
  ];
  const cancelled = await client
    .send(new TransactWriteItemsCommand({ TransactItems }))
    .then(() => {}, refusal);
  const old = cancelled?.CancellationReasons?.[0]?.Item;
  if (!old || old.counted) return;
  const unmarked = "attribute_exists(PK) AND attribute_not_exists(counted)";
  await client
    .send(new DeleteItemCommand({ ...key, ConditionExpression: unmarked }))
    .catch((error: unknown) => {
      // Marked meanwhile: the friendship stays, as if nobody had asked.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    });
}

/** Follows and unfollows among `users` until told to stop; answers with how much it did. */
export async function goOn(
  application: LiveApplication,
  users: readonly string[],
  random: RandomSource,
  stop: AbortSignal,
): Promise<number> {
  const any = () => users[Math.floor(random() * users.length)] ?? "";
  let operations = 0;
  while (!stop.aborted) {
    const [followed, following] = [any(), any()];
    if (followed === following) continue;
    // A request that fails outright may or may not have been applied; both are fine.
    await (random() < 0.5 ? follow : unfollow)(application, followed, following).catch(() => {});
    operations += 1;
  }
  return operations;
}
