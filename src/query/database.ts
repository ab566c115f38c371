import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Database } from "./access-pattern.ts";

/**
 * Makes what an access pattern works on. The document client shares the given client's connections and
 * middleware (its meter, its refusal to write), which stay the caller's to destroy.
 * @param table the physical table name
 */
export function openDatabase(client: DynamoDBClient, table: string, signal?: AbortSignal): Database {
  const document = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return { client: document, table, signal };
}
