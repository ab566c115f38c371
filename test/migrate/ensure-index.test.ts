import { CreateTableCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { describeTable } from "../../src/dynamo/describe.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { IndexDriftError, IrreversibleMigrationError } from "../../src/migrate/index.ts";
import { chooseDown } from "../../src/migrate/plan.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { createTableInput, uniqueName } from "../support/tables.ts";
import { FIRST, indexOf, outcomeOf, up } from "./first-migration.ts";
import { smallTable } from "./photos.ts";
import { testBed } from "./support.ts";

test("an absent index is made as designed and answers a Query", async () => {
  const bed = await testBed({ items: smallTable(4) });
  await up(bed);
  expect(await outcomeOf(bed)).toBe("created");
  expect(await indexOf(bed)).toEqual(quickPhotos.indexes.InvertedIndex);
  const { Count } = await bed.client.send(
    new QueryCommand({
      TableName: bed.environment.table,
      IndexName: "InvertedIndex",
      KeyConditionExpression: "SK = :friend",
      ExpressionAttributeValues: { ":friend": { S: "#FRIEND#user1" } },
    }),
  );
  expect(Count).toBe(2);
});

test("an equal index is adopted, and never dropped", async () => {
  const bed = await testBed({ indexes: true });
  await up(bed);
  expect(await outcomeOf(bed)).toBe("adopted");
  const down = migrateDown(bed.environment);
  await expect(down).rejects.toThrow(IrreversibleMigrationError);
  await expect(down).rejects.toThrow("only adopted");
  await expect(chooseDown(bed.environment)).rejects.toThrow("only adopted");
  expect(await indexOf(bed)).toBeDefined();
});

test("an index that Pulumi owns is never dropped, also where the migration made it", async () => {
  const bed = await testBed({ indexOwner: "pulumi" });
  await up(bed);
  expect(await outcomeOf(bed)).toBe("created");
  await expect(migrateDown(bed.environment)).rejects.toThrow("Pulumi");
  expect(await indexOf(bed)).toBeDefined();
});

test("an index that the migration made and owns is dropped, and can be made again", async () => {
  const bed = await testBed();
  await up(bed);
  const down = await migrateDown(bed.environment);
  expect(down.results).toMatchObject([{ id: FIRST, result: "reverted" }]);
  expect(await indexOf(bed)).toBeUndefined();
  expect((await up(bed)).results).toMatchObject([{ result: "applied" }]);
  expect(await indexOf(bed)).toBeDefined();
});

test("of three to revert, one that cannot be stops all before anything is changed", async () => {
  const bed = await testBed({ items: smallTable(3), indexes: true });
  await migrateUp(bed.environment);
  const items = await bed.items();
  await expect(migrateDown(bed.environment, { steps: 3 })).rejects.toThrow(IrreversibleMigrationError);
  expect(await bed.items()).toEqual(items);
  expect((await bed.history()).migrations).toHaveLength(3);
});

test("a different index of that name is a drift error, field by field, and the migration has failed", async () => {
  const bed = await testBed();
  const table = uniqueName("drift");
  const odd = {
    ...quickPhotos,
    indexes: { InvertedIndex: { partitionKey: { name: "SK", type: "S" }, projection: "ALL" } },
  } as const;
  await bed.client.send(new CreateTableCommand(createTableInput(table, odd)));
  await waitUntilActive(bed.client, table, { pollMs: 20 });
  const { error, results, migrations } = await migrateUp({ ...bed.environment, table });
  expect(results.map(({ result }) => result)).toEqual(["failed", "notRun", "notRun"]);
  expect(migrations[0]?.state).toBe("failed");
  expect(error?.cause).toBeInstanceOf(IndexDriftError);
  expect(error?.exitCode).toBe(1);
  expect(error?.message).toContain("sortKey: PK (S) wanted, none found");
  expect(await indexOf(bed, table)).toEqual(odd.indexes.InvertedIndex);
});

test("on a provisioned table the index takes the table's capacity", async () => {
  const bed = await testBed();
  const table = uniqueName("provisioned");
  const ProvisionedThroughput = { ReadCapacityUnits: 7, WriteCapacityUnits: 9 };
  const input = createTableInput(table, quickPhotos, false);
  const request = { ...input, BillingMode: "PROVISIONED", ProvisionedThroughput } as const;
  await bed.client.send(new CreateTableCommand(request));
  await waitUntilActive(bed.client, table, { pollMs: 20 });
  await migrateUp({ ...bed.environment, table }, { to: FIRST });
  const description = await describeTable(bed.client, table);
  expect(description?.GlobalSecondaryIndexes?.[0]?.ProvisionedThroughput).toMatchObject(
    ProvisionedThroughput,
  );
});
