import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect, inject, test } from "vitest";
import { findFollowing } from "../../queries/quick-photos/find-following.ts";
import { localTarget } from "../../src/dynamo/target.ts";
import { findExportedPatterns } from "../../src/query/find-exported-patterns.ts";
import type { OracleSet } from "../../src/query/oracle.ts";
import { compareEntries } from "../../src/verify/model/judge-index.ts";
import { exitCodeOfReport, type ModelResult, type VerifyReport } from "../../src/verify/report.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { copyProject } from "../support/project-copy.ts";
import {
  design,
  fileTable,
  migrated,
  migratedTable,
  oracles,
  querySet,
  verifyTable,
} from "./quick-photos.ts";

const { client, items, table } = await fileTable();
const set = oracles as OracleSet;

const modelResult = (report: VerifyReport, id: string): ModelResult =>
  report.modelResults.find((result) => result.id === id) ?? expect.fail(`there is no ${id}`);

/** One pattern, so that a test is fast, and the whole table. */
const judgeTable = (name: string, options: Parameters<typeof verifyTable>[1] = {}) =>
  verifyTable(name, { items, selected: ["fetch-user"], inputCount: 1, invariants: true, ...options });

test("all hold on a loaded and migrated table, and a run of selected patterns leaves them out unless asked", async () => {
  const report = await judgeTable(table);
  expect(report.modelResults).toMatchObject([
    { id: "follow-counts", kind: "invariant", status: "pass" },
    { id: "reaction-counts", kind: "invariant", status: "pass" },
    { id: "index-InvertedIndex", kind: "invariant", status: "pass" },
    { id: "indexes", kind: "coverage", status: "notRun" },
    { id: "entities", kind: "coverage", status: "notRun" },
  ]);
  expect(exitCodeOfReport(report)).toBe(0);
  const selected = await judgeTable(table, { invariants: undefined });
  expect(selected.modelResults.map(({ kind }) => kind)).toEqual(["coverage", "coverage"]);
});

test("a counter that is not what was counted is red, with the user and both figures; --redact hides them", async () => {
  const wrong = migrated(items).map((item) =>
    item.username?.S === "david25" && item.email ? { ...item, followers: { N: "999" } } : item,
  );
  const own = await migratedTable(client, items);
  for (const Item of wrong.filter(({ followers }) => followers?.N === "999")) {
    await client.send(new PutItemCommand({ TableName: own, Item }));
  }
  // As no input of these patterns is that user, they see nothing wrong.
  const report = await judgeTable(own, { selected: ["find-followers"] });
  expect(report.passed).toBe(1);
  expect(modelResult(report, "follow-counts")).toMatchObject({
    status: "fail",
    message: expect.stringMatching(/^1 is not as they must be\nfollowers of david25: expected \d+, got 999$/),
  });
  expect(modelResult(report, "reaction-counts").status).toBe("pass");
  expect(exitCodeOfReport(report)).toBe(1);
  const hidden = await judgeTable(own, { selected: ["find-followers"], redact: true });
  expect(modelResult(hidden, "follow-counts").message).not.toMatch(/david25|999/);
});

test("a write between two pages of a scan is no breach: only what two looks agree on is told", async () => {
  let looks = 0;
  const look = () => {
    looks += 1;
    return looks;
  };
  const once = { id: "once", title: "Once", check: () => (look() === 1 ? [breach] : []) };
  const other = { id: "other", title: "Other", check: () => [{ ...breach, actual: look() }] };
  const always = { id: "always", title: "Always", check: () => Array.from({ length: 30 }, () => breach) };
  const breach = { what: "followers of x", expected: 1, actual: 2 };
  const report = await judgeTable(table, { oracles: { ...set, invariants: [once, other, always] } });
  expect(modelResult(report, "once").status).toBe("pass");
  expect(modelResult(report, "other").status).toBe("pass");
  const { status, message = "" } = modelResult(report, "always");
  expect(status).toBe("fail");
  expect(message.split("\n")).toHaveLength(12);
  expect(message).toMatch(/and 20 more$/);
});

/** Changes what scans of the index answer. */
const onIndex = (change: (entries: object[]) => object[], times?: number): FaultRule => ({
  operation: "Scan",
  where: ({ body }) => body.IndexName === "InvertedIndex",
  ...(times === undefined ? {} : { times }),
  fault: {
    kind: "rewrite",
    change: (answer) => {
      const Items = change(answer.body.Items as object[]);
      return { ...answer, body: { ...answer.body, Items, Count: Items.length } };
    },
  },
});

async function judgeBehind(rule: FaultRule) {
  const proxy = await startFaultProxy(inject("endpoint"), { rules: [rule] });
  const report = await judgeTable(table, { target: localTarget(proxy.endpoint), indexDeadlineMs: 1 });
  return { exit: exitCodeOfReport(report), ...modelResult(report, "index-InvertedIndex") };
}

const stranger = marshall({ PK: "USER#stranger", SK: "#FRIEND#nobody", followedUser: "stranger" });

test.each([
  ["an entry less", (entries: object[]) => entries.slice(1), /is missing from the index/],
  [
    "an entry more",
    (entries: object[]) => [...entries, stranger],
    /stranger.* is in the index, and not in the table/,
  ],
  [
    "one entry twice",
    (entries: object[]) => [...entries, ...entries.slice(0, 1)],
    /in the index more than once/,
  ],
  [
    "an old entry",
    ([first, ...others]: object[]) => [{ ...first, timestamp: { S: "old" } }, ...others],
    /is in the index other than in the table/,
  ],
] as const)(
  "an index with %s by the deadline is indeterminate, exit 3, with the key",
  async (_, change, message) => {
    const found = await judgeBehind(onIndex(change));
    expect(found).toMatchObject({ status: "indeterminate", exit: 3 });
    expect(found.message).toMatch(message);
    expect(found.message).toMatch(/\{ PK: '.*', SK: '.*' \}/);
  },
);

test("an index that catches up before the deadline holds; a table without it fails", async () => {
  const proxy = await startFaultProxy(inject("endpoint"), {
    rules: [onIndex((entries) => entries.slice(1), 2)],
  });
  const late = await judgeTable(table, { target: localTarget(proxy.endpoint), indexDeadlineMs: 20_000 });
  expect(modelResult(late, "index-InvertedIndex").status).toBe("pass");
  const missing = { ...design, indexes: { ...design.indexes, Other: design.indexes.InvertedIndex } };
  const report = await judgeTable(table, { design: missing });
  expect(modelResult(report, "index-Other")).toMatchObject({
    status: "fail",
    message: "the table has no index Other",
  });
});

test("an index of some items holds those that have its keys, as far as it is to carry them", () => {
  const sparse = {
    partitionKey: { name: "city", type: "S" },
    projection: { include: ["name"] },
  } as const;
  const table = [
    { PK: "a", city: "Rome", name: "A", more: 1 },
    { PK: "b", name: "B" },
    { PK: "c", city: 7, name: "C" },
  ].map((item) => marshall(item));
  const compare = (...entries: object[]) =>
    compareEntries(
      table,
      entries.map((entry) => marshall(entry)),
      sparse,
      ["PK"],
    );
  expect(compare({ PK: "a", city: "Rome", name: "A" })).toEqual([]);
  expect(compare()).toEqual([{ problem: "missing", key: "{ PK: 'a' }" }]);
  expect(compare({ PK: "a", city: "Rome", name: "A", more: 1 })).toMatchObject([{ problem: "different" }]);
});

test("indexes and entities that no pattern uses are red; what was left out on purpose is not judged", async () => {
  const ghost = {
    PK: "GHOST#1",
    SK: "GHOST#1",
    username: "ghost",
    email: "ghost@example.com",
    name: "Ghost",
    ghost: 1,
  };
  const entityOf = (item: object) => ("ghost" in item ? "ghosts" : set.entityOf?.(item as never));
  const ids = ["fetch-user", "find-followers", "create-user"];
  const patterns = querySet.patterns.filter(({ id }) => ids.includes(id));
  const few = {
    querySet: { ...querySet, patterns },
    oracles: { ...set, entityOf, checks: set.checks.filter(({ pattern }) => ids.includes(pattern.id)) },
    items: [...items, ghost],
    selected: undefined,
    invariants: false,
  };
  const readers = await judgeTable(table, { ...few, readOnly: true });
  expect(modelResult(readers, "indexes")).toMatchObject({
    status: "notRun",
    message: /not used.*InvertedIndex/,
  });
  expect(modelResult(readers, "entities").message).toMatch(
    /left out by --read-only; not used by the others: ghosts, photos, reactions/,
  );
  const all = await judgeTable(table, few);
  expect(modelResult(all, "indexes")).toMatchObject({
    status: "fail",
    message: "no pattern that was run uses the index InvertedIndex",
  });
  expect(modelResult(all, "entities")).toMatchObject({
    status: "fail",
    message: ["ghosts", "photos", "reactions"]
      .map((entity) => `no pattern that was run uses the entity ${entity}`)
      .join("\n"),
  });
  expect(exitCodeOfReport(all)).toBe(1);
});

test("every exported pattern is listed, or red with its file; so is a second one of the same name", async () => {
  const { root } = copyProject();
  const folder = join(root, "queries/quick-photos");
  const project = { root } as Parameters<typeof findExportedPatterns>[0];
  const judge = async () => {
    const exported = await findExportedPatterns(project, "quick-photos");
    const report = await judgeTable(table, { exported });
    return {
      found: exported.patterns.length,
      exit: exitCodeOfReport(report),
      ...modelResult(report, "exports"),
    };
  };
  expect(await judge()).toMatchObject({ found: 14, status: "pass", exit: 0 });
  const copy = (id: string) =>
    `import { findFollowing } from "./find-following.ts";\nexport const fans = { ...findFollowing, id: "${id}" };\n`;
  writeFileSync(join(folder, "find-fans.ts"), copy("find-fans"));
  writeFileSync(join(folder, "find-too.ts"), copy(findFollowing.id));
  writeFileSync(join(folder, "odd.ts"), "export const = 1;\n");
  const { message = "", status, exit } = await judge();
  expect({ status, exit }).toEqual({ status: "fail", exit: 1 });
  expect(message.split("\n")).toEqual([
    expect.stringMatching(/^queries\/quick-photos\/odd\.ts does not load: /),
    "queries/quick-photos/find-fans.ts exports find-fans, which queries/quick-photos/index.ts does not list",
    "queries/quick-photos/find-too.ts exports find-following, as queries/quick-photos/find-following.ts does",
  ]);
});
