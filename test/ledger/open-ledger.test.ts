import { DeleteTableCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { describeTable } from "../../src/dynamo/describe.ts";
import {
  LEDGER_SCHEMA_VERSION,
  LedgerKeysError,
  LedgerMissingError,
  LedgerVersionError,
  openLedger,
  putEvent,
  readHistory,
  withLease,
} from "../../src/ledger/index.ts";
import { allItems, createTestTable, testClient, uniqueName } from "../support/tables.ts";
import { freshLedger, readIdentity } from "./support.ts";

const anyTable = { name: "photos", arn: "arn:aws:dynamodb:us-east-1:1:table/photos", id: "1" };
const hashOnly = { model: "odd", partitionKey: { name: "id", type: "S" }, indexes: {} } as const;

test("a missing ledger is made where that is allowed, also by eight at once", async () => {
  const { client } = testClient();
  const ledgerTable = uniqueName("ledger");
  const open = () => openLedger({ client, ledgerTable, table: anyTable, mayCreate: true });
  const ledgers = await Promise.all(Array.from({ length: 8 }, open));
  expect(ledgers.every((ledger) => ledger.exists)).toBe(true);
  const description = await describeTable(client, ledgerTable);
  expect(description?.BillingModeSummary?.BillingMode).toBe("PAY_PER_REQUEST");
  expect(await allItems(client, ledgerTable)).toHaveLength(1);
});

test("a missing ledger that may not be made names pulumi up", async () => {
  const { client } = testClient();
  const opening = openLedger({ client, ledgerTable: uniqueName("l"), table: anyTable, mayCreate: false });
  await expect(opening).rejects.toThrow(LedgerMissingError);
  await expect(opening).rejects.toMatchObject({ exitCode: 3, next: "Run `pulumi up`, which makes it." });
});

test("a reader of a missing ledger finds an empty history and makes nothing", async () => {
  const { client } = testClient(undefined, { readOnly: true });
  const ledgerTable = uniqueName("ledger");
  const ledger = await openLedger({ client, ledgerTable, table: anyTable, mayCreate: true, readOnly: true });
  expect(ledger.exists).toBe(false);
  const records = { migrations: [], steps: [], events: [], scans: [], segments: [], deadLetters: [] };
  expect(await readHistory(ledger)).toEqual({ lease: undefined, ...records });
  expect(await describeTable(client, ledgerTable)).toBeUndefined();
});

test("a table with other keys is no ledger", async () => {
  const { client } = testClient();
  const ledgerTable = await createTestTable(client, hashOnly);
  const opening = openLedger({ client, ledgerTable, table: anyTable, mayCreate: true });
  await expect(opening).rejects.toThrow(LedgerKeysError);
});

test("a ledger of a later version is refused, by readers too", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  await client.send(
    new UpdateItemCommand({
      TableName: ledger.ledgerTable,
      Key: { PK: { S: "LEDGER" }, SK: { S: "SCHEMA" } },
      UpdateExpression: "SET version = :later",
      ExpressionAttributeValues: { ":later": { N: String(LEDGER_SCHEMA_VERSION + 1) } },
    }),
  );
  for (const readOnly of [true, false]) {
    const opening = openLedger({ ...ledger, mayCreate: true, readOnly });
    await expect(opening).rejects.toThrow(LedgerVersionError);
  }
});

test("a table that was made again has no history", async () => {
  const { client } = testClient();
  const before = await freshLedger(client);
  await withLease(before, { command: "test" }, (lease) =>
    lease.write([putEvent(lease, { kind: "load", subject: "a", action: "seed", outcome: "written" })]),
  );
  expect((await readHistory(before)).events).toHaveLength(1);

  const name = before.table.name;
  await client.send(new DeleteTableCommand({ TableName: name }));
  await createTestTable(client, { ...hashOnly, model: name }, { name });
  const table = await readIdentity(client, name);
  expect(table.arn).toBe(before.table.arn);
  const after = await openLedger({ client, ledgerTable: before.ledgerTable, table, mayCreate: false });
  expect((await readHistory(after)).events).toEqual([]);
});

test("a history of more than one page is read whole, in order", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  const long = "x".repeat(100_000);
  await withLease(ledger, { command: "test" }, async (lease) => {
    for (let n = 0; n < 24; n += 1) {
      const facts = { kind: "load", subject: String(n), action: "seed", outcome: long } as const;
      await lease.write([putEvent(lease, facts)]);
    }
  });
  const { events } = await readHistory(ledger);
  expect(events.map((event) => event.subject)).toEqual(Array.from({ length: 24 }, (_, n) => String(n)));
});
