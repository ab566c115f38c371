import { GetCommand, type GetCommandInput } from "@aws-sdk/lib-dynamodb";
import type { Database, PatternRequest } from "./access-pattern.ts";
import type { PlainItem } from "./oracle.ts";
import { persist } from "./persist.ts";

/** The GetItem that {@link getItem} sends. Pure. */
export const getRequest = (
  key: Readonly<Record<string, unknown>>,
  table: string,
): PatternRequest & { readonly input: GetCommandInput } => ({
  operation: "GetItem",
  input: { TableName: table, Key: key, ReturnConsumedCapacity: "TOTAL" },
});

/** Reads one item by its primary key; undefined where there is none. */
export async function getItem(
  database: Database,
  key: Readonly<Record<string, unknown>>,
): Promise<PlainItem | undefined> {
  const command = new GetCommand(getRequest(key, database.table).input);
  const { Item } = await persist(database, () =>
    database.client.send(command, { abortSignal: database.signal }),
  );
  return Item;
}
