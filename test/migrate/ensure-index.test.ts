import { CreateTableCommand, QueryCommand, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, test } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { describeTable, indexDesignOf } from "../../src/dynamo/describe.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import {
  IndexDriftError,
  IrreversibleMigrationError,
  migrateDown,
  migrateUp,
  planDown,
} from "../../src/migrate/index.ts";
import { type Fault, type FaultProxy, type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { staleDescriptions } from "../faults/stale.ts";
import { createTableInput, testClient, uniqueName } from "../support/tables.ts";
import { smallTable } from "./photos.ts";
import { clientOf, type TestBed, testBed } from "./support.ts";

const FIRST = "0001-add-inverted-index";
const up = (bed: TestBed) => migrateUp(bed.environment, { to: FIRST });
const outcomeOf = async (bed: TestBed) => (await bed.history()).steps[0]?.outcome;

async function indexOf(bed: TestBed, table = bed.environment.table) {
  const description = await describeTable(bed.client, table);
  return description && indexDesignOf(description, "InvertedIndex");
}

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
  await expect(planDown(bed.environment)).rejects.toThrow("only adopted");
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

/** A bed whose migrations go through a fault proxy; the proxy's client sends each request once. */
async function faultyBed(rules: readonly FaultRule[]) {
  const bed = await testBed();
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  return { bed, proxy, environment: bed.through(clientOf(proxy.endpoint)) };
}

/** Somebody else makes the index, past the proxy. */
async function makeIndexElsewhere({ client, environment: { table } }: TestBed): Promise<void> {
  const { AttributeDefinitions, GlobalSecondaryIndexes } = createTableInput(table, quickPhotos);
  const [index] = GlobalSecondaryIndexes ?? [];
  const { IndexName, KeySchema, Projection } = index ?? {};
  const GlobalSecondaryIndexUpdates = [{ Create: { IndexName, KeySchema, Projection } }];
  const input = { TableName: table, AttributeDefinitions, GlobalSecondaryIndexUpdates };
  await client.send(new UpdateTableCommand(input));
  await waitUntilActive(client, table, { pollMs: 20 });
}

describe("whose the index is", () => {
  test("one that somebody makes after ours was refused is not ours", async () => {
    const refusals = ["LimitExceededException", "ResourceInUseException", "ValidationException"];
    const cases = refusals.map(async (name) => {
      const { bed, environment } = await faultyBed([
        { operation: "UpdateTable", fault: { kind: "error", name } },
      ]);
      const { error } = await migrateUp(environment, { to: FIRST });
      expect(error?.message).toContain(name);
      await makeIndexElsewhere(bed);
      await up(bed);
      expect(await outcomeOf(bed), name).toBe("adopted");
      await expect(migrateDown(bed.environment)).rejects.toThrow("only adopted");
    });
    await Promise.all(cases);
  });

  test("nor when the SDK itself sent the refused request more than once", async () => {
    const { bed, proxy, environment } = await faultyBed([
      { operation: "UpdateTable", fault: { kind: "error", name: "LimitExceededException" } },
    ]);
    const { client } = testClient(proxy.endpoint, { maxAttempts: 2 });
    await migrateUp({ ...environment, client }, { to: FIRST });
    expect(proxy.requests.filter(({ operation }) => operation === "UpdateTable")).toHaveLength(2);
    await makeIndexElsewhere(bed);
    await up(bed);
    expect(await outcomeOf(bed)).toBe("adopted");
  });

  test("down leaves it where up was refused and never ran again", async () => {
    const { bed, environment } = await faultyBed([
      { operation: "UpdateTable", fault: { kind: "error", name: "ValidationException" } },
    ]);
    await migrateUp(environment, { to: FIRST });
    await makeIndexElsewhere(bed);
    const { results } = await migrateDown(bed.environment);
    expect(results).toMatchObject([{ result: "reverted", steps: [{ outcome: "nothing to drop" }] }]);
    expect(await indexOf(bed)).toBeDefined();
  });

  test("one that somebody makes while ours is being refused is adopted by the same run", async () => {
    const { bed, proxy, environment } = await faultyBed([]);
    let elsewhere: Promise<void> | undefined;
    // By the time of the refusal the other's is there: the proxy holds our request back until then.
    proxy.setRules([
      {
        operation: "UpdateTable",
        where: () => {
          elsewhere ??= makeIndexElsewhere(bed);
          return true;
        },
        fault: { kind: "delay", milliseconds: 1_500 },
      },
    ]);
    await migrateUp(environment, { to: FIRST });
    await elsewhere;
    expect(await outcomeOf(bed)).toBe("adopted");
  });

  test("one whose answer was lost is ours", async () => {
    const faults: Fault[] = [
      { kind: "loseAnswer" },
      { kind: "failAfter" },
      { kind: "applyLate", milliseconds: 300 },
    ];
    const cases = faults.map(async (fault) => {
      const { bed, environment } = await faultyBed([{ operation: "UpdateTable", times: 1, fault }]);
      await migrateUp(environment, { to: FIRST });
      expect(await outcomeOf(bed), fault.kind).toBe("created");
      await migrateDown(bed.environment);
      expect(await indexOf(bed), fault.kind).toBeUndefined();
    });
    await Promise.all(cases);
  });

  test("one whose answer was lost, and whose repetition by the SDK was refused, is ours", async () => {
    const { bed, proxy, environment } = await faultyBed([
      { operation: "UpdateTable", nth: 1, fault: { kind: "loseAnswer" } },
    ]);
    const { client } = testClient(proxy.endpoint, { maxAttempts: 3 });
    await migrateUp({ ...environment, client }, { to: FIRST });
    const [, again] = proxy.requests.filter(({ operation }) => operation === "UpdateTable");
    expect(again).toMatchObject({ fault: undefined, applied: undefined });
    expect(await outcomeOf(bed)).toBe("created");
  });

  test("one that was asked for in vain, and that somebody makes later, is not ours", async () => {
    const { bed, environment } = await faultyBed([
      { operation: "UpdateTable", fault: { kind: "resetBefore" } },
    ]);
    const { error } = await migrateUp(environment, { to: FIRST });
    expect(error?.exitCode).toBe(3);
    await makeIndexElsewhere(bed);
    await up(bed);
    expect(await outcomeOf(bed)).toBe("adopted");
  });

  test("one whose fate a run could not find out is ours once it is there", async () => {
    const { bed, proxy, environment } = await faultyBed([]);
    const controller = new AbortController();
    const stopAfter = () => {
      if (proxy.requests.some(({ operation }) => operation === "UpdateTable")) controller.abort();
      return false;
    };
    proxy.setRules([
      { operation: "UpdateTable", fault: { kind: "loseAnswer" } },
      { operation: "DescribeTable", where: stopAfter, fault: { kind: "throttle" } },
    ]);
    await migrateUp({ ...environment, signal: controller.signal }, { to: FIRST });
    expect(await outcomeOf(bed)).toBeUndefined();
    await up(bed);
    expect(await outcomeOf(bed)).toBe("created");
  });
});

describe("waiting for the index", () => {
  const CUT: Fault = { kind: "resetBefore" };
  const THROTTLED: Fault = { kind: "throttle" };
  const looks = (proxy: FaultProxy) =>
    proxy.requests.filter(({ operation }) => operation === "DescribeTable").length;

  test("goes on while DescribeTable shows the table as it was before, up and down", async () => {
    const { bed, proxy, environment } = await faultyBed([]);
    proxy.setRules([staleDescriptions(bed.environment.table, 5)]);
    await migrateUp(environment, { to: FIRST });
    expect(await outcomeOf(bed)).toBe("created");
    const before = looks(proxy);
    const { results } = await migrateDown(environment);
    expect(results).toMatchObject([{ result: "reverted", steps: [{ outcome: "dropped" }] }]);
    expect(looks(proxy) - before).toBeGreaterThan(5);
    expect(await indexOf(bed)).toBeUndefined();
  });

  test("goes on while the connection breaks and the service throttles", async () => {
    const { bed, proxy, environment } = await faultyBed([]);
    const asked = () => proxy.requests.some(({ operation }) => operation === "UpdateTable");
    proxy.setRules([
      { operation: "DescribeTable", where: asked, times: 3, fault: CUT },
      { operation: "DescribeTable", where: asked, times: 3, fault: THROTTLED },
      { operation: "Query", where: ({ body }) => body.IndexName !== undefined, times: 2, fault: CUT },
      staleDescriptions(bed.environment.table, 2),
    ]);
    await migrateUp(environment, { to: FIRST });
    expect(await outcomeOf(bed)).toBe("created");
  });

  test("is not over before down sees what an up that was stopped had asked for", async () => {
    const { bed, proxy, environment } = await faultyBed([]);
    const controller = new AbortController();
    proxy.setRules([
      { operation: "UpdateTable", fault: { kind: "applyLate", milliseconds: 500 } },
      {
        operation: "DescribeTable",
        where: () => {
          if (proxy.requests.some(({ operation }) => operation === "UpdateTable")) controller.abort();
          return false;
        },
        fault: CUT,
      },
    ]);
    await migrateUp({ ...environment, signal: controller.signal }, { to: FIRST });
    const { results } = await migrateDown(bed.environment);
    expect(results).toMatchObject([{ result: "reverted", steps: [{ outcome: "dropped" }] }]);
    await proxy.settled();
    expect(await indexOf(bed)).toBeUndefined();
  });
});
