import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Database } from "./access-pattern.ts";
import type { PlainItem } from "./oracle.ts";
import { persist } from "./persist.ts";

/** Reads one item by its primary key; undefined where there is none. */
export async function getItem(
  database: Database,
  key: Readonly<Record<string, unknown>>,
): Promise<PlainItem | undefined> {
  const command = new GetCommand({ TableName: database.table, Key: key, ReturnConsumedCapacity: "TOTAL" });
  const { Item } = await persist(database, () =>
    database.client.send(command, { abortSignal: database.signal }),
  );
  return Item;
}
