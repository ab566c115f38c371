import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Entity } from "electrodb";
import { clientConfig, readBatches, sendAll, table } from "./common.mjs";

const photo = new Entity(
  {
    model: { entity: "photo", service: "bench", version: "1" },
    attributes: {
      PK: { type: "string" },
      SK: { type: "string" },
      username: { type: "string" },
      location: { type: "string" },
      caption: { type: "string" },
      likes: { type: "number" },
      width: { type: "number" },
      isPublic: { type: "boolean" },
      tags: { type: "list", items: { type: "string" } },
    },
    indexes: {
      primary: {
        // Without the casing, keys become lower case.
        pk: { field: "PK", composite: ["PK"], casing: "none" },
        sk: { field: "SK", composite: ["SK"], casing: "none" },
      },
    },
  },
  { client: new DynamoDBClient(clientConfig), table },
);

await sendAll(readBatches(), async (batch) => (await photo.put(batch).go()).unprocessed);
