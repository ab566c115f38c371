import { randomUUID } from "node:crypto";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  type DynamoDBClient,
  paginateListTables,
} from "@aws-sdk/client-dynamodb";
import { inject, onTestFinished } from "vitest";
import { createClient, type MeteredClient } from "../../src/dynamo/client.ts";
import { type StoredItem, scanSegments } from "../../src/dynamo/scan.ts";
import type { KeyAttribute, TableDesign } from "../../src/dynamo/table-design.ts";
import { localTarget, type Target } from "../../src/dynamo/target.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { WireClient } from "../../src/dynamo/wire/wire-client.ts";

/** The shared engine's target. */
export function sharedTarget(): Target {
  return localTarget(inject("endpoint"));
}

/** Has something done when the test ends; tests that run at the same time take it from their own context. */
export type AtEnd = (work: () => void | Promise<void>) => void;

/** A client of the shared engine, or of `endpoint`, closed when the test ends. */
export function testClient(
  endpoint = inject("endpoint"),
  options: Parameters<typeof createClient>[1] = {},
  atEnd: AtEnd = onTestFinished,
): MeteredClient {
  const made = createClient(localTarget(endpoint), options);
  atEnd(() => made.client.destroy());
  return made;
}

/** What sends the text of requests to the shared engine, or to `endpoint`, closed when the test ends. */
export function testWire(endpoint?: string, atEnd: AtEnd = onTestFinished): WireClient {
  const wire = new WireClient(testClient(endpoint, {}, atEnd).client, 64);
  atEnd(() => wire.close());
  return wire;
}

const names = new Set<string>();

/** A name, or the beginning of names, that no other test uses; its tables are dropped when the test file ends. */
export function uniqueName(prefix = "test"): string {
  const name = `${prefix}-${randomUUID().slice(0, 13)}`;
  names.add(name);
  return name;
}

/**
 * Drops the tables of names given by {@link uniqueName} so far. DynamoDB Local makes and deletes indexes in a pool
 * of ten threads, of which every table with time to live holds one for as long as it stands: a few such tables
 * left behind, and no other test's index is ever made.
 */
export async function dropTables(): Promise<void> {
  const prefixes = [...names];
  names.clear();
  if (prefixes.length === 0) return;
  const { client } = createClient(sharedTarget());
  try {
    const tables: string[] = [];
    for await (const page of paginateListTables({ client }, {})) tables.push(...(page.TableNames ?? []));
    const made = tables.filter((table) => prefixes.some((prefix) => table.startsWith(prefix)));
    await Promise.all(made.map((table) => dropTable(client, table)));
  } finally {
    client.destroy();
  }
}

const KEPT = ["ResourceInUseException", "ResourceNotFoundException", "ValidationException"];

async function dropTable(client: DynamoDBClient, TableName: string): Promise<void> {
  try {
    await client.send(new DeleteTableCommand({ TableName }));
  } catch (error) {
    // Protected against deletion, with an index under way, or being deleted already.
    if (!(error instanceof Error && KEPT.includes(error.name))) throw error;
  }
}

const keySchema = (keys: Pick<TableDesign, "partitionKey" | "sortKey">) => [
  { AttributeName: keys.partitionKey.name, KeyType: "HASH" as const },
  ...(keys.sortKey ? [{ AttributeName: keys.sortKey.name, KeyType: "RANGE" as const }] : []),
];

/** The CreateTable request of a design, on-demand; without its indexes where `indexes` is false. */
export function createTableInput(name: string, design: TableDesign, indexes = true): CreateTableCommandInput {
  const used = indexes ? Object.entries(design.indexes) : [];
  const attributes = new Map<string, KeyAttribute>();
  for (const keys of [design, ...used.map(([, index]) => index)]) {
    for (const key of [keys.partitionKey, keys.sortKey]) if (key) attributes.set(key.name, key);
  }
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: keySchema(design),
    AttributeDefinitions: [...attributes.values()].map((key) => ({
      AttributeName: key.name,
      AttributeType: key.type,
    })),
    GlobalSecondaryIndexes:
      used.length === 0
        ? undefined
        : used.map(([indexName, index]) => ({
            IndexName: indexName,
            KeySchema: keySchema(index),
            Projection: { ProjectionType: "ALL" },
          })),
  };
}

/** Makes a table of a design under a fresh name, ready to use. */
export async function createTestTable(
  client: DynamoDBClient,
  design: TableDesign,
  { indexes = true, name = uniqueName(design.model) } = {},
): Promise<string> {
  await client.send(new CreateTableCommand(createTableInput(name, design, indexes)));
  await waitUntilActive(client, name, { pollMs: 20 });
  return name;
}

/** Writes items as they are, 25 at a time. */
export async function putItems(
  client: DynamoDBClient,
  table: string,
  items: readonly StoredItem[],
): Promise<void> {
  for (let start = 0; start < items.length; start += 25) {
    const requests = items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }
}

/** Every item of a table, by a consistent scan. */
export async function allItems(client: DynamoDBClient, table: string): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
  await scanSegments(client, { table, segments: 1 }, (page) => {
    items.push(...page);
  });
  return items;
}
