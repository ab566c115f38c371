import { expect, inject, it } from "vitest";
import { applyReconcile } from "../../src/deploy/apply-reconcile.ts";
import { readLiveTable } from "../../src/deploy/live-table.ts";
import type { DeclaredTable } from "../../src/deploy/table-state.ts";
import { silentLog } from "../../src/log.ts";
import { type FaultProxy, startFaultProxy } from "../faults/proxy.ts";
import { staleDescriptions } from "../faults/stale.ts";
import { testClient, uniqueName } from "../support/tables.ts";
import { declare, invertedIndex } from "./declare.ts";

const index = { ...invertedIndex, hashKey: "other" };
const indexed = {
  globalSecondaryIndexes: [index],
  attributes: ["PK", "SK", "other"].map((name) => ({ name, type: "S" })),
};
const provisioned = { billingMode: "PROVISIONED", readCapacity: 2, writeCapacity: 3 };

/** A way to reconcile through a fault proxy; the SDK sends each request once. */
async function behindProxy() {
  const { client: direct } = testClient();
  const proxy = await startFaultProxy(inject("endpoint"));
  const { client } = testClient(proxy.endpoint, { maxAttempts: 1 });
  const apply = async (declared: DeclaredTable) => {
    const { done, drift } = await applyReconcile(client, declared, { log: silentLog(), prune: true });
    return { kinds: done.map(({ kind }) => kind), drift };
  };
  const name = uniqueName();
  return { name, proxy, apply, live: () => readLiveTable(direct, name) };
}

const CHANGES = ["CreateTable", "UpdateTable"];
const changesOf = (proxy: FaultProxy) =>
  proxy.requests.map(({ operation }) => operation).filter((operation) => CHANGES.includes(operation));

it("asks for nothing twice while DescribeTable shows the table as it was before", async () => {
  const { name, proxy, apply, live } = await behindProxy();
  proxy.setRules([staleDescriptions(name, 4)]);
  expect(await apply(declare(name, indexed))).toEqual({ kinds: ["createTable"], drift: [] });
  const streamed = { ...provisioned, streamEnabled: true, streamViewType: "KEYS_ONLY" };
  expect((await apply(declare(name, streamed))).kinds).toEqual(["deleteIndex", "setBilling", "enableStream"]);
  const globalSecondaryIndexes = [{ ...index, readCapacity: 2, writeCapacity: 3 }];
  const again = { ...streamed, ...indexed, globalSecondaryIndexes, deletionProtectionEnabled: true };
  expect((await apply(declare(name, again))).kinds).toEqual(["createIndex", "setDeletionProtection"]);
  expect(changesOf(proxy)).toEqual(["CreateTable", ...Array(5).fill("UpdateTable")]);
  expect((await live())?.state).toMatchObject({
    indexes: { InvertedIndex: {} },
    billing: { mode: "PROVISIONED" },
    streamView: "KEYS_ONLY",
    deletionProtection: true,
  });
});

it("goes on while the connection breaks and the service throttles, and when an answer is lost", async () => {
  const { name, proxy, apply, live } = await behindProxy();
  const made = () => proxy.requests.some(({ operation }) => operation === "CreateTable");
  proxy.setRules([
    { operation: "DescribeTable", where: made, times: 2, fault: { kind: "resetBefore" } },
    { operation: "DescribeTimeToLive", where: made, times: 2, fault: { kind: "throttle" } },
    { operation: "UpdateTable", nth: 1, fault: { kind: "loseAnswer" } },
    { operation: "UpdateTable", nth: 2, fault: { kind: "resetBefore" } },
  ]);
  await apply(declare(name, indexed));
  await apply(declare(name, { ...indexed, streamEnabled: true, streamViewType: "KEYS_ONLY" }));
  await apply(declare(name, { ...indexed, deletionProtectionEnabled: true }));
  expect((await live())?.state).toMatchObject({ deletionProtection: true });
});
