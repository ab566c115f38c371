import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  ResourceInUseException,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { type Clock, systemClock } from "../dynamo/clock.ts";
import { describeTable, keysOf, type Sender } from "../dynamo/describe.ts";
import { waitUntilActive } from "../dynamo/waits.ts";
import { LedgerKeysError, LedgerMissingError, LedgerVersionError } from "./errors.ts";
import type { TableIdentity } from "./table-identity.ts";

/** The layout of the records that this program reads and writes. */
export const LEDGER_SCHEMA_VERSION = 1;

/** An opened ledger: the records of one table. */
export interface Ledger {
  readonly client: Sender;
  readonly ledgerTable: string;
  /** The table that the records are about. */
  readonly table: TableIdentity;
  /** The partition key of its records. */
  readonly scope: string;
  /** False where a reader found no ledger: the history is empty. */
  readonly exists: boolean;
  /** The time by which it is read and written. */
  readonly clock: Clock;
}

/** How a ledger is opened. */
export interface OpenLedgerOptions {
  client: Sender;
  ledgerTable: string;
  /** The table whose records are wanted. */
  table: TableIdentity;
  /** Make the ledger where it is missing: true for a local engine, and where the user said so. */
  mayCreate: boolean;
  /** The option by which the command that runs would be allowed to make it, for the error to name. */
  createOption?: string | undefined;
  /** Only look: nothing is made or written, and a missing ledger is an empty history. Default false. */
  readOnly?: boolean;
  signal?: AbortSignal | undefined;
  /** Default: the process's own. */
  clock?: Clock | undefined;
}

const SCHEMA_KEY = { PK: { S: "LEDGER" }, SK: { S: "SCHEMA" } };

/** Two that make it at once are safe: the second finds it there. */
async function createLedgerTable(options: OpenLedgerOptions): Promise<TableDescription> {
  const { client, ledgerTable, signal, clock } = options;
  const request = new CreateTableCommand({
    TableName: ledgerTable,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: "PK", KeyType: "HASH" },
      { AttributeName: "SK", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "PK", AttributeType: "S" },
      { AttributeName: "SK", AttributeType: "S" },
    ],
  });
  try {
    await client.send(request, { abortSignal: signal });
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  return waitUntilActive(client, ledgerTable, { pollMs: 50, signal, clock });
}

function assertLedgerKeys(description: TableDescription, ledgerTable: string): void {
  const { partitionKey, sortKey } = keysOf(description.KeySchema, description.AttributeDefinitions);
  const found = [partitionKey, sortKey].map((key) => (key ? `${key.name} (${key.type})` : "none")).join(", ");
  if (found !== "PK (S), SK (S)") throw new LedgerKeysError(ledgerTable, found);
}

async function readSchemaVersion(client: Sender, ledgerTable: string): Promise<number | undefined> {
  const request = new GetItemCommand({ TableName: ledgerTable, Key: SCHEMA_KEY, ConsistentRead: true });
  const { Item } = await client.send(request);
  return Item?.version?.N === undefined ? undefined : Number(Item.version.N);
}

async function writeSchemaVersion(client: Sender, ledgerTable: string): Promise<void> {
  const request = new PutItemCommand({
    TableName: ledgerTable,
    Item: { ...SCHEMA_KEY, version: { N: String(LEDGER_SCHEMA_VERSION) } },
    ConditionExpression: "attribute_not_exists(PK)",
  });
  try {
    await client.send(request);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** A ledger is only understood up to the version this program knows. */
async function assertSchemaVersion(options: OpenLedgerOptions): Promise<void> {
  const { client, ledgerTable, readOnly = false } = options;
  let version = await readSchemaVersion(client, ledgerTable);
  if (version === undefined && !readOnly) {
    await writeSchemaVersion(client, ledgerTable);
    version = await readSchemaVersion(client, ledgerTable);
  }
  if (version !== undefined && version > LEDGER_SCHEMA_VERSION) {
    throw new LedgerVersionError(ledgerTable, version, LEDGER_SCHEMA_VERSION);
  }
}

/**
 * Opens the records that the ledger keeps of one table: its migration history and its lease.
 * @throws {LedgerMissingError} where it is missing and may not be made; {@link LedgerKeysError} where the
 * name belongs to another table; {@link LedgerVersionError} where a later version wrote it.
 */
export async function openLedger(options: OpenLedgerOptions): Promise<Ledger> {
  const { client, ledgerTable, table, mayCreate, createOption, readOnly = false } = options;
  const { clock = systemClock } = options;
  const ledger = { client, ledgerTable, table, clock, scope: `TABLE#${table.arn}#${table.id}` };
  let description = await describeTable(client, ledgerTable);
  if (!description) {
    if (readOnly) return { ...ledger, exists: false };
    if (!mayCreate) throw new LedgerMissingError(ledgerTable, createOption);
    description = await createLedgerTable(options);
  }
  assertLedgerKeys(description, ledgerTable);
  if (description.TableStatus !== "ACTIVE") {
    await waitUntilActive(client, ledgerTable, { pollMs: 50, signal: options.signal, clock });
  }
  await assertSchemaVersion(options);
  return { ...ledger, exists: true };
}
