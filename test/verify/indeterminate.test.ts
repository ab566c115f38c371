import { expect, inject, test } from "vitest";
import { fetchUser } from "../../queries/quick-photos/fetch-user.ts";
import { findFollowers } from "../../queries/quick-photos/find-followers.ts";
import { findFollowing } from "../../queries/quick-photos/find-following.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import type { Database } from "../../src/query/access-pattern.ts";
import { exitCodeOfReport } from "../../src/verify/report.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { fileTable, querySet, resultOf, verifyTable, withPattern } from "./quick-photos.ts";

const { items, table } = await fileTable();

/** Verifies through a proxy with faults. */
async function verifyBehind(rules: readonly FaultRule[], options: Parameters<typeof verifyTable>[1] = {}) {
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  return verifyTable(table, { items, target: localTarget(proxy.endpoint), maxAttempts: 1, ...options });
}

test.each([
  ["throttled to the end", { kind: "throttle" }],
  ["failing to the end", { kind: "failBefore" }],
  ["cut off each time", { kind: "resetBefore" }],
  ["never answering", { kind: "delay", milliseconds: 600 }],
] as const)("a pattern that is %s is indeterminate, exit 3", async (_, fault) => {
  const rules: FaultRule[] = [
    { operation: "Query", where: ({ body }) => body.IndexName === undefined, fault },
  ];
  const report = await verifyBehind(rules, { selected: ["find-followers"], timeoutMs: 300 });
  expect(resultOf(report, "find-followers")).toMatchObject({ status: "indeterminate" });
  expect(exitCodeOfReport(report)).toBe(3);
});

test("what the caller may not do is indeterminate, not wrong", async () => {
  const rules: FaultRule[] = [
    { operation: "GetItem", fault: { kind: "error", name: "AccessDeniedException" } },
  ];
  const report = await verifyBehind(rules, { selected: ["fetch-user"] });
  expect(resultOf(report, "fetch-user")).toMatchObject({ status: "indeterminate", message: /AccessDenied/ });
});

test("no leave to make tables: the writing patterns are indeterminate, the others judged", async () => {
  const rules: FaultRule[] = [
    { operation: "CreateTable", fault: { kind: "error", name: "AccessDeniedException" } },
  ];
  const writing = querySet.patterns.filter(({ kind }) => kind === "write").map(({ id }) => id);
  const selected = ["find-following", "fetch-user", ...writing];
  const report = await verifyBehind(rules, { selected });
  expect(report).toMatchObject({ passed: 2, indeterminate: 7, failed: 0 });
});

test("a write whose answer is lost to the end is indeterminate", async () => {
  const rules: FaultRule[] = [{ operation: "UpdateItem", fault: { kind: "resetBefore" } }];
  const report = await verifyBehind(rules, { selected: ["update-user"], timeoutMs: 300 });
  expect(resultOf(report, "update-user")).toMatchObject({ status: "indeterminate" });
});

test("a wrong answer wins over an unknown one: exit 1", async () => {
  const rules: FaultRule[] = [{ operation: "GetItem", fault: { kind: "throttle" } }];
  const wrong = withPattern(findFollowers, { run: async () => ({ followers: [], cursor: undefined }) });
  const selected = ["fetch-user", "find-followers"];
  const report = await verifyBehind(rules, { querySet: wrong, selected, timeoutMs: 200 });
  expect(report).toMatchObject({ failed: 1, indeterminate: 1 });
  expect(exitCodeOfReport(report)).toBe(1);
});

test("faults now and then change no verdict", async () => {
  const rules: FaultRule[] = [
    { operation: ["Query", "GetItem", "BatchGetItem"], probability: 0.1, fault: { kind: "throttle" } },
    { operation: ["Query", "GetItem"], probability: 0.05, fault: { kind: "resetBefore" } },
    { operation: "BatchGetItem", probability: 0.5, fault: { kind: "unprocessedKeys", share: 0.5 } },
    { operation: "TransactWriteItems", probability: 0.3, fault: { kind: "conflict" } },
  ];
  const report = await verifyBehind(rules, { inputCount: 2 });
  expect(report.patterns.filter(({ status }) => status !== "pass")).toEqual([]);
});

test("a pattern that never ends is given up, and what it sends later is refused", async () => {
  let given: Database | undefined;
  const endless = withPattern(fetchUser, {
    run: async (database) => {
      given = database;
      return new Promise(() => {});
    },
  });
  const report = await verifyTable(table, {
    items,
    querySet: endless,
    selected: ["fetch-user"],
    timeoutMs: 50,
  });
  expect(resultOf(report, "fetch-user")).toMatchObject({
    status: "indeterminate",
    message: /no answer in 50 ms/,
  });
  const database = given;
  if (!database) throw new Error("the pattern was not run");
  expect(database.signal?.aborted).toBe(true);
  await expect(fetchUser.run({ ...database, signal: undefined }, { username: "david25" })).rejects.toThrow(
    "given up",
  );
});

/** find-following as it answers while its index lags: its first answers miss a row. */
function lagging(staleAnswers: number) {
  let left = staleAnswers;
  return withPattern(findFollowing, {
    run: async (database, input) => {
      const { following, cursor } = await findFollowing.run(database, input);
      left -= 1;
      return { following: left >= 0 ? following.slice(1) : following, cursor };
    },
  });
}

/** An index that has not got the friendships of one user yet, whoever reads it. */
const behind: FaultRule = {
  operation: ["Query", "Scan"],
  where: ({ body }) => body.IndexName !== undefined,
  fault: {
    kind: "rewrite",
    change: (answer) => {
      const { Items = [] } = answer.body as { Items?: { SK: { S: string } }[] };
      const kept = Items.filter(({ SK }) => SK.S !== "#FRIEND#adrainbernier");
      return { ...answer, body: { ...answer.body, Items: kept, Count: kept.length } };
    },
  },
};

test("an index that has not caught up by the deadline is indeterminate, exit 3; a wrong base table read is wrong all the same", async () => {
  const selected = ["find-following", "find-and-enrich-following", "find-followers"];
  const options = { selected, indexDeadlineMs: 200, inputCount: 1 };
  const report = await verifyBehind([behind], options);
  expect(report).toMatchObject({ passed: 1, indeterminate: 2, failed: 0 });
  expect(resultOf(report, "find-following").message).toMatch(
    /^the index InvertedIndex is behind its table, so what is read there says nothing of the pattern: 12 of its entries/,
  );
  expect(exitCodeOfReport(report)).toBe(3);
  const wrong = withPattern(findFollowers, { run: async () => ({ followers: [], cursor: undefined }) });
  expect(exitCodeOfReport(await verifyBehind([behind], { ...options, querySet: wrong }))).toBe(1);
}, 30_000);

test("a pattern that answers less than its index has is wrong, however long it is read again", async () => {
  const selected = ["find-following"];
  const late = await verifyTable(table, { items, querySet: lagging(3), selected, indexDeadlineMs: 5_000 });
  expect(resultOf(late, "find-following")).toMatchObject({ status: "pass", requests: 7 });
  const startedAt = performance.now();
  const never = await verifyTable(table, { items, querySet: lagging(1e9), selected, indexDeadlineMs: 400 });
  expect(resultOf(never, "find-following").status).toBe("fail");
  expect(performance.now() - startedAt).toBeGreaterThan(400);
});

test("the base table is not read again: its first answer counts", async () => {
  let calls = 0;
  const querySet = withPattern(fetchUser, {
    run: async (database, input) => {
      calls += 1;
      const { user } = await fetchUser.run(database, input);
      return { user: calls === 1 ? { ...user, name: "stale" } : user };
    },
  });
  const report = await verifyTable(table, { items, querySet, selected: ["fetch-user"] });
  expect(resultOf(report, "fetch-user")).toMatchObject({
    status: "fail",
    message: /name: expected .*, got 'stale'/,
  });
});
