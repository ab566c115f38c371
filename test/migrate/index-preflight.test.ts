import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBServiceException,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, test } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { membershipOf } from "../../src/dynamo/index-entry.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { silentLog } from "../../src/log.ts";
import { planMigrations } from "../../src/migrate/plan.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { tappedClient } from "../ledger/support.ts";
import { createTableInput, createTestTable, putItems, testClient, uniqueName } from "../support/tables.ts";
import { clientOf, projectWith, type TestBed, testBed } from "./support.ts";

/** One for all tables of this file: making one takes longer than most tests. */
const LEDGER = uniqueName("ledger");

const DESIGN = {
  partitionKey: { name: "team", type: "S" },
  sortKey: { name: "score", type: "N" },
  projection: { include: ["name"] },
} as const;

const projectOf = (options = "", design = JSON.stringify(DESIGN)) =>
  projectWith({
    "0001-a.ts": `import { defineMigration, ensureIndex } from "tablewright/migrate";
const step = ensureIndex("ByTeam", ${design}${options && `, ${options}`});
export default defineMigration({ id: "0001-a", description: "d", steps: [step] });
`,
  });

const item = (name: string, rest: StoredItem): StoredItem => ({
  PK: { S: "PLAYER" },
  SK: { S: name },
  ...rest,
});

/** What a key attribute may hold, by name; `none` is not there. */
const VALUES: Readonly<Record<string, AttributeValue | undefined>> = {
  none: undefined,
  text: { S: "red" },
  emptyText: { S: "" },
  number: { N: "7" },
  bytes: { B: Uint8Array.of(1) },
  emptyBytes: { B: new Uint8Array() },
  flag: { BOOL: true },
  nothing: { NULL: true },
  list: { L: [{ S: "red" }] },
};

/** An item of every combination of key values. */
const EVERY_KIND = Object.entries(VALUES).flatMap(([team, teamValue]) =>
  Object.entries(VALUES).map(([score, scoreValue]) =>
    item(`${team} ${score}`, {
      ...(teamValue && { team: teamValue }),
      ...(scoreValue && { score: scoreValue }),
    }),
  ),
);

const stepOf = async ({ environment }: Pick<TestBed, "environment">) =>
  (await planMigrations(environment)).planned[0]?.steps[0];

describe("items that would silently be absent", () => {
  test("are those that DynamoDB itself leaves out or refuses, of every kind of key value", async () => {
    const { client } = testClient();
    const table = await createTestTable(client, { ...quickPhotos, indexes: { ByTeam: DESIGN } });
    const refused: string[] = [];
    for (const one of EVERY_KIND) {
      try {
        await client.send(new PutItemCommand({ TableName: table, Item: one }));
      } catch (error) {
        expect(error).toBeInstanceOf(DynamoDBServiceException);
        expect((error as Error).name).toBe("ValidationException");
        refused.push(one.SK?.S ?? "");
      }
    }
    const { Items = [] } = await client.send(new ScanCommand({ TableName: table, IndexName: "ByTeam" }));
    const judged = (...states: string[]) =>
      EVERY_KIND.filter((one) => states.includes(membershipOf(one, DESIGN).state)).map(({ SK }) => SK?.S);
    expect(judged("entry")).toEqual(Items.map(({ SK }) => SK?.S));
    expect(judged("wrongType", "empty")).toEqual(refused);
    expect(judged("leftOut")).toEqual(["none none"]);
  });

  const PLAYERS = [
    item("fine", {
      team: { S: "red" },
      score: { N: "1" },
      name: { S: "F" },
      other: { S: "x".repeat(2_000) },
    }),
    item("typed", { team: { S: "red" }, score: { S: "high" } }),
    item("empty", { team: { S: "" }, score: { N: "1" } }),
    item("half", { team: { S: "red" } }),
    item("none", {}),
    { PK: { S: "CLUB" }, SK: { S: "left out by design" } },
  ];

  test("are warned of in the plan and in the log, with their keys, and the index is made", async () => {
    const project = await projectOf('{ covers: { PK: "PLAYER" } }');
    const bed = await testBed({ ledgerTable: LEDGER, items: PLAYERS, project });
    const plan = await stepOf(bed);
    const warnings = plan?.warnings?.map(({ code, message, facts }) => [code, message, facts.items]);
    expect(warnings?.sort()).toEqual([
      ["empty-key", expect.stringMatching(/1 of 6 items .* \(its team is empty\): PLAYER \/ empty/), 1],
      ["incomplete-key", expect.stringMatching(/\(has no score\): PLAYER \/ half/), 1],
      ["not-covered", expect.stringMatching(/\(has none of its keys\): PLAYER \/ none/), 1],
      [
        "wrong-key-type",
        expect.stringMatching(/its score is of type S, the index wants N\): PLAYER \/ typed/),
        1,
      ],
    ]);
    // The entry has the keys and the name: one write unit, though its item is of two kilobytes.
    expect(plan?.counts).toMatchObject({ entries: 1, writeUnits: 1 });
    expect(plan?.counts.bytes).toBeLessThan(200);
    expect(plan?.action).toMatch(/^create the index ByTeam: 1 entries, \d+ bytes, 1 write units \(6 items/);

    const warned: string[] = [];
    const log = { ...silentLog(), warn: (line: string) => void warned.push(line) };
    expect((await migrateUp({ ...bed.environment, log })).error).toBeUndefined();
    expect(warned).toHaveLength(4);
  });

  test("fail a strict step, and then nothing was asked for", async () => {
    const bed = await testBed({
      ledgerTable: LEDGER,
      items: PLAYERS,
      project: await projectOf("{ strict: true }"),
    });
    const { client, tap } = tappedClient();
    const { error, results } = await migrateUp(bed.through(client));
    expect(results).toMatchObject([{ result: "failed" }]);
    expect(error).toMatchObject({ exitCode: 1, cause: { code: "index-preflight" } });
    expect(error?.message).toContain("PLAYER / typed");
    expect(tap.commands).not.toContain("UpdateTableCommand");

    const sound = PLAYERS.filter(({ SK }) => ["fine", "none"].includes(SK?.S ?? ""));
    const other = await testBed({
      ledgerTable: LEDGER,
      items: sound,
      project: await projectOf("{ strict: true }"),
    });
    expect((await migrateUp(other.environment)).error).toBeUndefined();
  });
});

describe("an index that would be throttled or refused", () => {
  /** The table of a bed whose writes have a ceiling. */
  async function provisioned(bed: TestBed, WriteCapacityUnits: number) {
    const table = uniqueName("provisioned");
    const ProvisionedThroughput = { ReadCapacityUnits: 10, WriteCapacityUnits };
    const input = createTableInput(table, quickPhotos, false);
    await bed.client.send(
      new CreateTableCommand({ ...input, BillingMode: "PROVISIONED", ProvisionedThroughput }),
    );
    await waitUntilActive(bed.client, table, { pollMs: 20 });
    const items = Array.from({ length: 20 }, (_, n) =>
      item(`p${n}`, { team: { S: n < 8 ? "red" : `team ${n}` }, score: { N: String(n) } }),
    );
    await putItems(bed.client, table, items);
    return { environment: { ...bed.environment, table } };
  }

  test("is warned of where one key would take more than a partition's write units", async () => {
    const bed = await testBed({ ledgerTable: LEDGER, project: await projectOf() });
    const plan = await stepOf(await provisioned(bed, 5_000));
    expect(plan?.warnings).toMatchObject([
      { code: "hot-key", facts: { key: "red", share: 0.4, tableWriteUnits: 2_500 } },
    ]);
    expect(plan?.warnings?.[0]?.message).toContain("40 % of the entries of ByTeam have team = red");
    // 2,000 units a second on the table put 800 on that key.
    expect((await stepOf(await provisioned(bed, 2_000)))?.warnings).toEqual([]);
  });

  test("is warned of at the quota of 20 indexes", async () => {
    const bed = await testBed({ ledgerTable: LEDGER, project: await projectOf() });
    const more = Array.from({ length: 20 }, (_, n) => ({ IndexName: `index${n}`, IndexStatus: "ACTIVE" }));
    const proxy = await startFaultProxy(inject("endpoint"), {
      rules: [
        {
          operation: "DescribeTable",
          where: ({ body }) => body.TableName === bed.environment.table,
          fault: {
            kind: "rewrite",
            change: ({ status, body }) => ({
              status,
              body: { Table: { ...(body.Table as object), GlobalSecondaryIndexes: more } },
            }),
          },
        },
      ],
    });
    const plan = await stepOf({ environment: bed.through(clientOf(proxy.endpoint)) });
    expect(plan?.warnings).toMatchObject([{ code: "index-quota", facts: { indexes: 20 } }]);
  });
});
