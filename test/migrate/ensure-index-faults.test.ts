import { UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, test } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { type Fault, type FaultProxy, type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { staleDescriptions } from "../faults/stale.ts";
import { type AtEnd, createTableInput, testClient } from "../support/tables.ts";
import { FIRST, indexOf, outcomeOf, up } from "./first-migration.ts";
import { clientOf, type TestBed, testBed } from "./support.ts";

/** A bed whose migrations go through a fault proxy; the proxy's client sends each request once. */
async function faultyBed(atEnd: AtEnd, rules: readonly FaultRule[] = []) {
  const bed = await testBed({ atEnd });
  const proxy = await startFaultProxy(inject("endpoint"), { rules, atEnd });
  return { bed, proxy, environment: bed.through(clientOf(proxy.endpoint, atEnd)) };
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

// At the same time: each waits for a table of its own.
describe.concurrent("whose the index is", () => {
  test.for(["LimitExceededException", "ResourceInUseException", "ValidationException"])(
    "one that somebody makes after ours was refused by %s is not ours",
    async (name, { onTestFinished }) => {
      const { bed, environment } = await faultyBed(onTestFinished, [
        { operation: "UpdateTable", fault: { kind: "error", name } },
      ]);
      const { error } = await migrateUp(environment, { to: FIRST });
      expect(error?.message).toContain(name);
      await makeIndexElsewhere(bed);
      await up(bed);
      expect(await outcomeOf(bed)).toBe("adopted");
      await expect(migrateDown(bed.environment)).rejects.toThrow("only adopted");
    },
  );

  test("nor when the SDK itself sent the refused request more than once", async ({ onTestFinished }) => {
    const { bed, proxy, environment } = await faultyBed(onTestFinished, [
      { operation: "UpdateTable", fault: { kind: "error", name: "LimitExceededException" } },
    ]);
    const { client } = testClient(proxy.endpoint, { maxAttempts: 2 }, onTestFinished);
    await migrateUp({ ...environment, client }, { to: FIRST });
    const sent = proxy.requests.filter(({ operation }) => operation === "UpdateTable");
    expect(sent.length).toBeGreaterThanOrEqual(2);
    await makeIndexElsewhere(bed);
    await up(bed);
    expect(await outcomeOf(bed)).toBe("adopted");
  });

  test("down leaves it where up was refused and never ran again", async ({ onTestFinished }) => {
    const { bed, environment } = await faultyBed(onTestFinished, [
      { operation: "UpdateTable", fault: { kind: "error", name: "ValidationException" } },
    ]);
    await migrateUp(environment, { to: FIRST });
    await makeIndexElsewhere(bed);
    const { results } = await migrateDown(bed.environment);
    expect(results).toMatchObject([{ result: "reverted", steps: [{ outcome: "nothing to drop" }] }]);
    expect(await indexOf(bed)).toBeDefined();
  });

  test("one that somebody makes while ours is being refused is adopted by the same run", async ({
    onTestFinished,
  }) => {
    const { bed, proxy, environment } = await faultyBed(onTestFinished);
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

  test.for<Fault>([{ kind: "loseAnswer" }, { kind: "failAfter" }, { kind: "applyLate", milliseconds: 300 }])(
    "one whose answer was lost is ours: $kind",
    async (fault, { onTestFinished }) => {
      const { bed, environment } = await faultyBed(onTestFinished, [
        { operation: "UpdateTable", times: 1, fault },
      ]);
      await migrateUp(environment, { to: FIRST });
      expect(await outcomeOf(bed)).toBe("created");
      await migrateDown(bed.environment);
      expect(await indexOf(bed)).toBeUndefined();
    },
  );

  test("one whose answer was lost, and whose repetition by the SDK was refused, is ours", async ({
    onTestFinished,
  }) => {
    const { bed, proxy, environment } = await faultyBed(onTestFinished, [
      { operation: "UpdateTable", nth: 1, fault: { kind: "loseAnswer" } },
    ]);
    const { client } = testClient(proxy.endpoint, { maxAttempts: 3 }, onTestFinished);
    await migrateUp({ ...environment, client }, { to: FIRST });
    const [, again] = proxy.requests.filter(({ operation }) => operation === "UpdateTable");
    expect(again).toMatchObject({ fault: undefined, applied: undefined });
    expect(await outcomeOf(bed)).toBe("created");
  });

  test("one that was asked for in vain, and that somebody makes later, is not ours", async ({
    onTestFinished,
  }) => {
    const { bed, environment } = await faultyBed(onTestFinished, [
      { operation: "UpdateTable", fault: { kind: "resetBefore" } },
    ]);
    const { error } = await migrateUp(environment, { to: FIRST });
    expect(error?.exitCode).toBe(3);
    await makeIndexElsewhere(bed);
    await up(bed);
    expect(await outcomeOf(bed)).toBe("adopted");
  });

  test("one whose fate a run could not find out is ours once it is there", async ({ onTestFinished }) => {
    const { bed, proxy, environment } = await faultyBed(onTestFinished);
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

describe.concurrent("waiting for the index", () => {
  const CUT: Fault = { kind: "resetBefore" };
  const THROTTLED: Fault = { kind: "throttle" };
  const looks = (proxy: FaultProxy) =>
    proxy.requests.filter(({ operation }) => operation === "DescribeTable").length;

  test("goes on while DescribeTable shows the table as it was before, up and down", async ({
    onTestFinished,
  }) => {
    const { bed, proxy, environment } = await faultyBed(onTestFinished);
    proxy.setRules([staleDescriptions(bed.environment.table, 5)]);
    await migrateUp(environment, { to: FIRST });
    expect(await outcomeOf(bed)).toBe("created");
    const before = looks(proxy);
    const { results } = await migrateDown(environment);
    expect(results).toMatchObject([{ result: "reverted", steps: [{ outcome: "dropped" }] }]);
    expect(looks(proxy) - before).toBeGreaterThan(5);
    expect(await indexOf(bed)).toBeUndefined();
  });

  test("goes on while the connection breaks and the service throttles", async ({ onTestFinished }) => {
    const { bed, proxy, environment } = await faultyBed(onTestFinished);
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

  test("is not over before down sees what an up that was stopped had asked for", async ({
    onTestFinished,
  }) => {
    const { bed, proxy, environment } = await faultyBed(onTestFinished);
    const controller = new AbortController();
    proxy.setRules([
      { operation: "UpdateTable", fault: { kind: "applyLate", milliseconds: 200 } },
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
