import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect, inject, onTestFinished, test } from "vitest";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import { describeTable } from "../../src/dynamo/describe.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import { startEngine } from "../../src/engine/start-engine.ts";
import { silentLog } from "../../src/log.ts";
import { scratchName, scratchRequest } from "../../src/verify/scratch-request.ts";
import { withScratchTable } from "../../src/verify/scratch-table.ts";
import { deleteScratch, LEFTOVER_AGE_MS, sweepScratch } from "../../src/verify/sweep-scratch.ts";
import { writeAll } from "../../src/verify/write-batches.ts";
import { type FaultProxy, startFaultProxy } from "../faults/proxy.ts";
import { allItems, createTestTable, testClient } from "../support/tables.ts";
import { design, fileTable, querySet, resultOf, verifyTable, withPattern } from "./quick-photos.ts";

const { client, items, table } = await fileTable();

/** The scratch tables that a run behind a proxy has made. */
const made = (proxy: FaultProxy) =>
  proxy.requests
    .filter(({ operation }) => operation === "CreateTable")
    .map(({ body }) => String(body.TableName));

async function expectGone(names: readonly string[]): Promise<void> {
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect(await describeTable(client, name)).toBeUndefined();
}

test("one scratch table, with the design's keys and indexes, made for all writing patterns and deleted", async () => {
  const proxy = await startFaultProxy(inject("endpoint"));
  const selected = querySet.patterns.filter(({ kind }) => kind === "write").map(({ id }) => id);
  const report = await verifyTable(table, { items, target: localTarget(proxy.endpoint), selected });
  expect(report.passed).toBe(7);
  expect(made(proxy)).toHaveLength(1);
  expect(made(proxy)[0]).toMatch(/^tablewright-scratch-/);
  const writes = proxy.requests.filter(({ operation }) => /Write|Update|Put|Delete/.test(operation));
  expect(writes.length).toBeGreaterThan(20);
  for (const { body } of writes) expect(JSON.stringify(body)).not.toContain(`"${table}"`);
  await expectGone(made(proxy));
});

test("abort in the middle of a writing pattern: the run rejects with the reason and leaves no table", async () => {
  const proxy = await startFaultProxy(inject("endpoint"));
  const stop = new AbortController();
  const reason = new Error("stopped by the test");
  const querySet = withPattern(followUser, {
    run: async (database, input) => {
      stop.abort(reason);
      return followUser.run(database, input);
    },
  });
  const selected = ["follow-user"];
  const options = { items, querySet, selected, target: localTarget(proxy.endpoint), signal: stop.signal };
  await expect(verifyTable(table, options)).rejects.toBe(reason);
  await expectGone(made(proxy));
});

test("abort before anything leaves nothing, and a failing pattern or a throwing check leaves no table", async () => {
  await expect(
    verifyTable(table, { items, signal: AbortSignal.abort(new Error("at once")) }),
  ).rejects.toThrow("at once");
  const proxy = await startFaultProxy(inject("endpoint"));
  const querySet = withPattern(followUser, {
    run: async () => {
      throw new Error("broken");
    },
  });
  const report = await verifyTable(table, {
    items,
    querySet,
    target: localTarget(proxy.endpoint),
    selected: ["follow-user"],
  });
  expect(resultOf(report, "follow-user").status).toBe("fail");
  await expectGone(made(proxy));
});

test("a lost answer to CreateTable still ends without a table", async () => {
  const proxy = await startFaultProxy(inject("endpoint"), {
    rules: [{ operation: "CreateTable", fault: { kind: "loseAnswer" } }],
  });
  const target = localTarget(proxy.endpoint);
  const report = await verifyTable(table, { items, target, maxAttempts: 1, selected: ["create-user"] });
  expect(resultOf(report, "create-user")).toMatchObject({ status: "indeterminate" });
  expect(resultOf(report, "create-user").message).toContain("the scratch table could not be used");
  await expectGone(made(proxy));
});

test("leftovers are swept by their prefix and age alone", async () => {
  // On an engine of its own: on the shared one a clock that runs ahead would sweep the tables of other tests.
  const engine = await startEngine({ storage: { kind: "memory" } });
  onTestFinished(() => engine.stop());
  const { client: own } = testClient(engine.endpoint);
  const leftover = scratchName();
  const inUse = scratchName();
  const bystander = await createTestTable(own, design, { indexes: false });
  await own.send(new CreateTableCommand(scratchRequest(leftover, design)));
  await own.send(new CreateTableCommand(scratchRequest(inUse, design)));
  const created = (name: string) =>
    describeTable(own, name).then((table) => table?.CreationDateTime?.getTime() ?? 0);
  const inAnHour = (await created(leftover)) + LEFTOVER_AGE_MS;

  expect(await sweepScratch(own)).toEqual([]);
  expect(await sweepScratch(own, LEFTOVER_AGE_MS, inAnHour - 1)).toEqual([]);
  expect((await sweepScratch(own, LEFTOVER_AGE_MS, inAnHour + 60_000)).sort()).toEqual(
    [leftover, inUse].sort(),
  );
  expect(await describeTable(own, leftover)).toBeUndefined();
  expect(await describeTable(own, bystander)).toBeDefined();
  await deleteScratch(own, leftover);
  await expect(deleteScratch(own, bystander)).rejects.toThrow("is not a scratch table");
});

test("filling makes the table hold exactly the items, whatever it held, through unprocessed items", async () => {
  const proxy = await startFaultProxy(inject("endpoint"), {
    rules: [{ operation: "BatchWriteItem", fault: { kind: "unprocessedItems", share: 0.5 }, times: 6 }],
  });
  const { client: faulty } = testClient(proxy.endpoint);
  const all = items.slice(0, 60).map((item) => marshall(item));
  await withScratchTable({ client: faulty, design, log: silentLog() }, async (scratch) => {
    await scratch.fill(all);
    expect(sorted(await allItems(client, scratch.name))).toEqual(sorted(all));
    const changed = all
      .slice(10)
      .map((item, index) => (index === 0 ? { ...item, extra: { S: "new" } } : item));
    await scratch.fill(changed);
    expect(sorted(await allItems(client, scratch.name))).toEqual(sorted(changed));
  });
  expect(proxy.requests.some(({ fault }) => fault === "unprocessedItems")).toBe(true);
});

test("writing nothing sends nothing", async () => {
  const { client: own, meter } = testClient();
  await writeAll(own, table, []);
  expect(meter.read().requests).toBe(0);
});

const sorted = (list: readonly object[]) =>
  list.map((item) => JSON.stringify(Object.entries(item).sort())).sort();
