import { type DynamoDBClient, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, test } from "vitest";
import { NotReadyError, NotShownError } from "../../src/dynamo/errors.ts";
import type { TableDesign } from "../../src/dynamo/table-design.ts";
import {
  waitUntilActive,
  waitUntilIndexAnswers,
  waitUntilIndexGone,
  waitUntilTableGone,
} from "../../src/dynamo/waits.ts";
import type { Answer } from "../faults/answers.ts";
import { type Fault, type FaultProxy, type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { createTestTable, testClient, uniqueName } from "../support/tables.ts";

const design: TableDesign = { model: "waits", partitionKey: { name: "PK", type: "S" }, indexes: {} };
const partitionKey = { name: "other", type: "S" } as const;
const INDEX = { name: "ByOther", partitionKey };
const withIndex: TableDesign = { ...design, indexes: { ByOther: { partitionKey, projection: "ALL" } } };
const quick = { pollMs: 5, graceMs: 100, patienceMs: 20_000, timeoutSeconds: 20 };

async function behindProxy(of: TableDesign, rules: readonly FaultRule[] = []) {
  const { client: direct } = testClient();
  const table = await createTestTable(direct, of);
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const { client } = testClient(proxy.endpoint, { maxAttempts: 1 });
  return { direct, client, table, proxy };
}

const describeFault = (fault: Fault, times?: number): FaultRule => ({
  operation: "DescribeTable",
  fault,
  ...(times === undefined ? {} : { times }),
});

interface Description {
  Table: { GlobalSecondaryIndexes?: object[] };
}

/** Answers as though the table's indexes were these. */
const indexesAre = (change: (indexes: object[]) => object[]): Fault => ({
  kind: "rewrite",
  change: (answer): Answer => {
    const { Table } = answer.body as unknown as Description;
    const GlobalSecondaryIndexes = change(Table.GlobalSecondaryIndexes ?? []);
    return { ...answer, body: { Table: { ...Table, GlobalSecondaryIndexes } } };
  },
});
const WITHOUT_INDEXES = indexesAre(() => []);
const countOf = (proxy: FaultProxy, operation: string) =>
  proxy.requests.filter((request) => request.operation === operation).length;

describe("an index that was asked for", () => {
  test("may not show for a while, through broken connections, failures and throttles", async () => {
    const { client, table, proxy } = await behindProxy(withIndex, [
      describeFault(WITHOUT_INDEXES, 3),
      describeFault({ kind: "resetBefore" }, 2),
      describeFault({ kind: "throttle" }, 2),
      describeFault({ kind: "failBefore" }, 1),
      describeFault({ kind: "error", name: "ResourceNotFoundException" }, 1),
      describeFault(WITHOUT_INDEXES, 1),
    ]);
    await waitUntilIndexAnswers(client, table, INDEX, { ...quick, graceMs: 20_000 });
    expect(countOf(proxy, "DescribeTable")).toBe(11);
  });

  test("is waited for while it is backfilling, and then until it answers", async () => {
    const filling = indexesAre((indexes) => indexes.map((index) => ({ ...index, Backfilling: true })));
    const name = "ValidationException";
    const message = "Cannot read from backfilling global secondary index";
    const { client, table, proxy } = await behindProxy(withIndex, [
      describeFault(filling, 4),
      { operation: "Query", times: 2, fault: { kind: "error", name, message } },
      { operation: "Query", times: 1, fault: { kind: "resetBefore" } },
    ]);
    // Longer than the time of grace: it shows, so that time does not run.
    await waitUntilIndexAnswers(client, table, INDEX, { ...quick, pollMs: 40 });
    expect([countOf(proxy, "DescribeTable"), countOf(proxy, "Query")]).toEqual([5, 4]);
  });

  test("that never shows is given up, and so is one that is never filled", async () => {
    const { client, table, proxy } = await behindProxy(design);
    const absent = waitUntilIndexAnswers(client, table, INDEX, quick);
    await expect(absent).rejects.toThrow(NotShownError);
    await expect(absent).rejects.toThrow(`index ByOther of ${table} is still absent`);
    proxy.setRules([
      describeFault(indexesAre(() => [{ IndexName: "ByOther", IndexStatus: "CREATING", Backfilling: true }])),
    ]);
    const filling = waitUntilIndexAnswers(client, table, INDEX, { ...quick, timeoutSeconds: 0.1 });
    await expect(filling).rejects.toThrow(NotReadyError);
    await expect(filling).rejects.toThrow("CREATING (backfilling)");
  });

  test("is not asked on and on by someone who may not query it", async () => {
    const { client, table, proxy } = await behindProxy(withIndex, [
      { operation: "Query", fault: { kind: "error", name: "AccessDeniedException" } },
    ]);
    const refused = waitUntilIndexAnswers(client, table, INDEX, quick);
    await expect(refused).rejects.toMatchObject({ name: "AccessDeniedException" });
    expect(countOf(proxy, "Query")).toBe(1);
  });
});

describe("what was to be deleted", () => {
  const dropIndex = (client: DynamoDBClient, table: string) =>
    client.send(
      new UpdateTableCommand({
        TableName: table,
        GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "ByOther" } }],
      }),
    );

  test("an index may show for a while as if nothing had been asked", async () => {
    const ghost = indexesAre(() => [{ IndexName: "ByOther", IndexStatus: "ACTIVE" }]);
    const { direct, client, table, proxy } = await behindProxy(withIndex, [describeFault(ghost, 3)]);
    await dropIndex(direct, table);
    await waitUntilIndexGone(client, table, "ByOther", quick);
    expect(countOf(proxy, "DescribeTable")).toBeGreaterThan(3);
  });

  test("an index that just stays is given up", async () => {
    const { client, table } = await behindProxy(withIndex);
    await expect(waitUntilIndexGone(client, table, "ByOther", quick)).rejects.toThrow("is still there");
  });

  test("a table may show for a while, and is given up when it stays", async () => {
    const { client, table, proxy } = await behindProxy(design);
    await expect(waitUntilTableGone(client, table, quick)).rejects.toThrow(`table ${table} is still ACTIVE`);
    const before = countOf(proxy, "DescribeTable");
    const active = { status: 200, body: { Table: { TableName: "gone", TableStatus: "ACTIVE" } } };
    proxy.setRules([describeFault({ kind: "rewrite", change: () => active }, 3)]);
    await waitUntilTableGone(client, uniqueName("gone"), quick);
    expect(countOf(proxy, "DescribeTable") - before).toBe(4);
  });
});

describe("a wait", () => {
  test("for a table that does not show ends after the time of grace", async () => {
    const { client } = await behindProxy(design);
    const absent = waitUntilActive(client, uniqueName("absent"), quick);
    await expect(absent).rejects.toThrow("is still absent 0.1 s after the change was asked for");
  });

  test("ends when the connection stays broken, with the failure as it was", async () => {
    const { client, table } = await behindProxy(design, [describeFault({ kind: "resetBefore" })]);
    const broken = waitUntilActive(client, table, { ...quick, patienceMs: 100 });
    await expect(broken).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("ends at once by a failure that does not pass", async () => {
    const name = "AccessDeniedException";
    const { client, table, proxy } = await behindProxy(design, [describeFault({ kind: "error", name })]);
    await expect(waitUntilActive(client, table, quick)).rejects.toMatchObject({ name });
    expect(countOf(proxy, "DescribeTable")).toBe(1);
  });

  test("ends when it is asked to, even while a request hangs", async () => {
    const { client, table, proxy } = await behindProxy(design);
    const controller = new AbortController();
    proxy.setRules([
      {
        ...describeFault({ kind: "delay", milliseconds: 1_500 }),
        where: () => {
          controller.abort(new Error("enough"));
          return true;
        },
      },
    ]);
    const startedAt = performance.now();
    const stopped = waitUntilActive(client, table, { ...quick, signal: controller.signal });
    await expect(stopped).rejects.toThrow("enough");
    expect(performance.now() - startedAt).toBeLessThan(1_200);
    proxy.setRules([]);
  });
});
