import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { inject } from "vitest";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import type { ProofOptions } from "../../src/seed/prove/proof-options.ts";
import { proveTable } from "../../src/seed/prove/prove-table.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { createTestTable, putItems, testClient } from "../support/tables.ts";
import { design, itemOf, jsonText, NumberText, seedFile } from "./support.ts";

/** An item as {@link jsonText} takes it. */
export type PlainItem = Record<string, unknown>;

/** The key of an item of {@link design}. */
export const keyOf = (item: StoredItem) => ({ PK: item.PK, SK: item.SK }) as StoredItem;

/** A table with items, a file with items, and what compares them, behind a proxy where there are rules. */
export async function proofBed(
  inFile: readonly PlainItem[],
  inTable: readonly PlainItem[] = inFile,
  rules?: FaultRule[],
) {
  const { client } = testClient();
  const table = await createTestTable(client, design);
  await putItems(client, table, inTable.map(itemOf));
  const file = seedFile(inFile.map(jsonText).join("\n"));
  const proxy = rules && (await startFaultProxy(inject("endpoint"), { rules }));
  const reader = proxy ? testClient(proxy.endpoint, { maxAttempts: 1 }).client : client;
  const prove = (options: Partial<ProofOptions> = {}) =>
    proveTable(
      { client: reader, table, keys: design, readFile: () => readSeedFile(file, design) },
      { scope: "exact", ...options },
    );
  return { client, table, file, prove, proxy };
}

/** So many items with keys and values that tell them apart. */
export const numbered = (count: number): PlainItem[] =>
  Array.from({ length: count }, (_, index) => ({
    PK: `key-${index}`,
    SK: new NumberText(String(index)),
    v: "x",
  }));

/** Puts an item. */
export const put = (client: DynamoDBClient, table: string, item: StoredItem) =>
  client.send(new PutItemCommand({ TableName: table, Item: item }));
