import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Entity } from "dynamodb-toolbox/entity";
import { BatchPutRequest } from "dynamodb-toolbox/entity/actions/batchPut";
import { boolean } from "dynamodb-toolbox/schema/boolean";
import { item } from "dynamodb-toolbox/schema/item";
import { list } from "dynamodb-toolbox/schema/list";
import { number } from "dynamodb-toolbox/schema/number";
import { string } from "dynamodb-toolbox/schema/string";
import { Table } from "dynamodb-toolbox/table";
import { BatchWriteCommand, execute } from "dynamodb-toolbox/table/actions/batchWrite";
import { clientConfig, table as name, readBatches, sendAll } from "./common.mjs";

const documentClient = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig));
const table = new Table({
  name,
  documentClient,
  partitionKey: { name: "PK", type: "string" },
  sortKey: { name: "SK", type: "string" },
});
const photo = new Entity({
  name: "photo",
  table,
  // What the library would add to each item by itself.
  entityAttribute: false,
  timestamps: false,
  schema: item({
    PK: string().key(),
    SK: string().key(),
    username: string(),
    location: string(),
    caption: string(),
    likes: number(),
    width: number(),
    isPublic: boolean(),
    tags: list(string()),
  }),
});

await sendAll(readBatches(), async (batch) => {
  const requests = batch.map((entry) => photo.build(BatchPutRequest).item(entry));
  const { UnprocessedItems } = await execute(table.build(BatchWriteCommand).requests(...requests));
  return (UnprocessedItems?.[name] ?? []).map(({ PutRequest }) => PutRequest.Item);
});
