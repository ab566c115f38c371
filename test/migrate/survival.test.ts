import { expect, test, vi } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { createClient } from "../../src/dynamo/client.ts";
import { TableNotFoundError } from "../../src/dynamo/errors.ts";
import { chooseTarget } from "../../src/dynamo/target.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { repairMigration } from "../../src/migrate/repair.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { type RecordedRequest, startFaultProxy } from "../faults/proxy.ts";
import { allItems, createTestTable, putItems, sharedTarget } from "../support/tables.ts";
import { smallTable, userItem } from "./photos.ts";
import { backfillFile, clientOf, projectWith, resultsOf, spelled, statesOf, testBed } from "./support.ts";

const engine = () => sharedTarget().endpoint ?? "";

const TWO = { "0001-a.ts": backfillFile("0001-a"), "0002-b.ts": backfillFile("0002-b", "{ rank: 2 }") };

/** What a request writes to a table, if anything: each action by its name, `Update` or `UpdateItem`. */
function writesTo(table: string, { operation, body }: RecordedRequest): { kind: string; guarded: boolean }[] {
  const guarded = (action: unknown) =>
    (action as { ConditionExpression?: string }).ConditionExpression !== undefined;
  if (operation === "TransactWriteItems") {
    const actions = (body.TransactItems ?? []).flatMap((item) => Object.entries(item as object));
    return actions
      .filter(([kind, action]) => kind !== "ConditionCheck" && action.TableName === table)
      .map(([kind, action]) => ({ kind, guarded: guarded(action) }));
  }
  const isWrite = /^(Put|Update|Delete)Item$|^BatchWriteItem$/.test(operation);
  const isHere = body.TableName === table || Object.hasOwn(body.RequestItems ?? {}, table);
  return isWrite && isHere ? [{ kind: operation, guarded: guarded(body) }] : [];
}

test.each([
  ["refused", { kind: "error", name: "AccessDeniedException" }],
  ["answered by an error of the service", { kind: "failBefore" }],
  ["cut off", { kind: "resetBefore" }],
] as const)(
  "a DescribeTable that is %s is not taken for an absent table: nothing is made or written",
  async (_, fault) => {
    const bed = await testBed({ project: await projectWith(TWO), items: [userItem("a")] });
    const { table, ledgerTable } = bed.environment;
    for (const name of [table, ledgerTable]) {
      const proxy = await startFaultProxy(engine(), {
        rules: [{ operation: "DescribeTable", where: ({ body }) => body.TableName === name, fault }],
      });
      const error = await migrateUp(bed.through(clientOf(proxy.endpoint))).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(TableNotFoundError);
      expect(proxy.requests.map(({ operation }) => operation)).not.toContain("CreateTable");
      expect(proxy.requests.flatMap((request) => writesTo(table, request))).toEqual([]);
    }
    expect(await bed.items()).toEqual([userItem("a")]);
  },
);

test("down reverts by the order of application, not by that of the files", async () => {
  const bed = await testBed({ project: await projectWith(TWO), items: [userItem("a")] });
  await migrateUp(bed.environment);
  // The first is applied once more, and is the last applied then.
  await repairMigration(bed.environment, { id: "0001-a", repair: "mark-pending", reason: "a test" });
  await migrateUp(bed.environment);
  expect(resultsOf(await migrateDown(bed.environment))).toEqual({ "0001-a": "reverted" });
  expect(resultsOf(await migrateDown(bed.environment))).toEqual({ "0002-b": "reverted" });
});

test("a migration that comes late is refused, and no run reports success over it", async () => {
  const { "0002-b.ts": second } = TWO;
  const late = await testBed({ project: await projectWith({ "0002-b.ts": second }), items: [userItem("a")] });
  await migrateUp(late.environment);
  const migrations = migrationsOf(await projectWith(TWO), late.environment.model);
  const environment = { ...late.environment, migrations };
  for (let run = 0; run < 2; run += 1) {
    await expect(migrateUp(environment)).rejects.toMatchObject({ code: "migration-history", exitCode: 1 });
  }
  const status = await migrateStatus(environment);
  expect(statesOf(status)).toEqual({ "0001-a": "pending", "0002-b": "applied" });
  expect(status.problems).toHaveLength(1);
});

test("segments are scanned side by side, and items change by conditional updates alone: no item is put whole", async () => {
  const bed = await testBed({ items: smallTable(4), indexes: true });
  // Held up a little, so that those under way at the same time show.
  const proxy = await startFaultProxy(engine(), {
    rules: [{ operation: "Scan", fault: { kind: "delay", milliseconds: 100 } }],
  });
  expect((await migrateUp(bed.through(clientOf(proxy.endpoint)))).error).toBeUndefined();
  const writes = proxy.requests.flatMap((request) => writesTo(bed.environment.table, request));
  expect(writes.length).toBeGreaterThan(12);
  expect(writes.filter(({ kind, guarded }) => !/^Update(Item)?$/.test(kind) || !guarded)).toEqual([]);
  expect(proxy.mostAtOnce).toBeGreaterThanOrEqual(4);
  const segments = proxy.requests.flatMap(({ body }) => (body.Segment as number | undefined) ?? []);
  expect(new Set(segments)).toEqual(new Set([0, 1, 2, 3]));
});

test("lock and history are read consistently from the ledger itself, never by an index, and written under conditions", async () => {
  const bed = await testBed({ project: await projectWith(TWO), items: [userItem("a")] });
  const { ledgerTable } = bed.environment;
  const proxy = await startFaultProxy(engine());
  const environment = bed.through(clientOf(proxy.endpoint));
  await migrateUp(environment);
  await migrateDown(environment);
  const reads = proxy.requests.filter(
    ({ operation, body }) => ["GetItem", "Query"].includes(operation) && body.TableName === ledgerTable,
  );
  expect(reads.length).toBeGreaterThan(4);
  expect(reads.filter(({ body }) => body.ConsistentRead !== true || body.IndexName !== undefined)).toEqual(
    [],
  );
  const writes = proxy.requests.filter((request) => writesTo(ledgerTable, request).length > 0);
  expect(writes.length).toBeGreaterThan(8);
  // A write of its own asks for what it expects; in a transaction the lease is asked for first.
  const unguarded = writes.filter(({ body }) => {
    const [first] = body.TransactItems ?? [body];
    const { ConditionCheck = first } = first as { ConditionCheck?: unknown };
    return (ConditionCheck as { ConditionExpression?: string }).ConditionExpression === undefined;
  });
  expect(unguarded).toEqual([]);
});

test("the history is an item for each fact, and a run adds to it; tables that share a ledger do not share it", async () => {
  const project = await projectWith(TWO);
  const bed = await testBed({ project, items: [userItem("a")] });
  const { client, environment } = bed;
  const { ledgerTable } = environment;
  await migrateUp(environment);
  const before = new Map((await allItems(client, ledgerTable)).map((item) => [item.SK?.S, item]));
  await migrateDown(environment);
  await migrateUp(environment);
  const after = await allItems(client, ledgerTable);
  const events = [...before].filter(([key]) => key?.startsWith("EVENT#"));
  expect(events).toHaveLength(4);
  for (const [key, event] of events) expect(after.find(({ SK }) => SK?.S === key)).toEqual(event);
  expect(after.filter(({ SK }) => SK?.S?.startsWith("EVENT#"))).toHaveLength(8);
  expect(after.filter(({ SK }) => SK?.S?.startsWith("MIGRATION#"))).toHaveLength(2);
  expect(Math.max(...after.map((item) => JSON.stringify(item).length))).toBeLessThan(2_000);

  const table = await createTestTable(client, quickPhotos, { indexes: false });
  await putItems(client, table, [userItem("b")]);
  expect(statesOf(await migrateStatus({ ...environment, table }))).toEqual({
    "0001-a": "pending",
    "0002-b": "pending",
  });
});

test("a migration whose function returns nothing is recorded all the same, and not run again", async () => {
  const file = `import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { defineMigration, script } from "tablewright/migrate";
export default defineMigration({
  id: "0001-a",
  description: "counts its runs",
  steps: [
    script({
      id: "once",
      idempotent: true,
      run: async ({ client, table }) => {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { PK: { S: "USER#a" }, SK: { S: "#METADATA#a" } },
            UpdateExpression: "ADD runs :one",
            ExpressionAttributeValues: { ":one": { N: "1" } },
          }),
        );
      },
    }),
  ],
});
`;
  const bed = await testBed({ project: await projectWith({ "0001-a.ts": file }), items: [userItem("a")] });
  expect(resultsOf(await migrateUp(bed.environment))).toEqual({ "0001-a": "applied" });
  expect((await migrateUp(bed.environment)).results).toEqual([]);
  expect(spelled(await bed.items())).toEqual(spelled([{ ...userItem("a"), runs: { N: "1" } }]));
});

test("keys come from the standard chain of AWS, and a local engine gets dummy ones: no file holds any", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OFTHECHAIN");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  try {
    const keyFor = async (target: Parameters<typeof createClient>[0]) => {
      const { client } = createClient(target);
      const { accessKeyId } = await client.config.credentials();
      client.destroy();
      return accessKeyId;
    };
    expect(await keyFor(chooseTarget({ aws: true, region: "eu-west-1" }))).toBe("OFTHECHAIN");
    expect(await keyFor(sharedTarget())).not.toBe("OFTHECHAIN");
  } finally {
    vi.unstubAllEnvs();
  }
});
