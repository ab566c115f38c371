import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { clientConfig, readBatches, sendAll, table } from "./common.mjs";

const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig));
const requests = readBatches().map((items) => items.map((Item) => ({ PutRequest: { Item } })));
await sendAll(requests, async (batch) => {
  const { UnprocessedItems } = await client.send(new BatchWriteCommand({ RequestItems: { [table]: batch } }));
  return UnprocessedItems?.[table] ?? [];
});
