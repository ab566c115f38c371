import { randomUUID } from "node:crypto";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
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

/** A table name that no other test uses. */
export function uniqueName(prefix = "test"): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`;
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
