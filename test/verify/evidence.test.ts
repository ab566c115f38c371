import { expect, test } from "vitest";
import { findFollowers } from "../../queries/quick-photos/find-followers.ts";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import type { Database } from "../../src/query/access-pattern.ts";
import { fileTable, resultOf, verifyTable, withPattern } from "./quick-photos.ts";

const { items, table } = await fileTable();

/** Loses the last follower of each answer. */
const losing = {
  run: async (database: Database, input: never) => {
    const { followers, cursor } = await findFollowers.run(database, input);
    return { followers: followers.slice(0, -1), cursor };
  },
};

test("each input has its request, what was sent, the answer and how it was read in parts", async () => {
  const report = await verifyTable(table, { items, selected: ["find-followers"], inputCount: 1 });
  const result = resultOf(report, "find-followers");
  const [most, none, unknown] = result.evidence;
  expect(most).toMatchObject({
    input: { username: "kennedyheather" },
    status: "pass",
    request: {
      operation: "Query",
      input: { TableName: table, ExpressionAttributeValues: { ":p": "USER#kennedyheather" } },
    },
    requests: [{ operation: "Query", items: 52, readUnits: 1 }],
    expected: { kind: "rows", compare: "ordered", count: 52 },
    answer: { kind: "rows", count: 52, pages: 1 },
  });
  expect(most?.answer).toHaveProperty("rows.length", 10);
  expect(most?.parts.map(({ how, status }) => [how, status])).toEqual([
    ["where DynamoDB ends each answer early", "pass"],
    ["read 5 a page", "pass"],
    ["read 10 a page", "pass"],
    ["read 10 a page, where DynamoDB ends each answer early", "pass"],
  ]);
  // A last page may be empty: only then DynamoDB knows that nothing is left.
  expect(most?.parts.map(({ pages }) => pages)).toEqual([1, 11, 6, 6]);
  for (const input of [none, unknown]) {
    expect(input).toMatchObject({ status: "pass", expected: { count: 0 }, answer: { count: 0, rows: [] } });
  }
  expect(result.requests).toBe(result.evidence.flatMap(({ requests }) => requests).length);
});

test("examples are asked in every run, in front of what is drawn, where the source has them", async () => {
  const selected = ["fetch-user-and-photos"];
  const first = async (source: typeof items) =>
    resultOf(await verifyTable(table, { items: source, selected, inputCount: 1 }), "fetch-user-and-photos")
      .evidence[0];
  expect(await first(items)).toMatchObject({ name: "jacksonjason, an example", status: "pass" });
  const others = items.filter(({ username }) => username !== "jacksonjason");
  expect((await first(others))?.name).not.toContain("jacksonjason");
});

test("of a wrong answer the evidence holds the rows that are missing, up to ten, and its message", async () => {
  const querySet = withPattern(findFollowers, losing);
  const report = await verifyTable(table, { items, querySet, selected: ["find-followers"], inputCount: 1 });
  const [most, none] = resultOf(report, "find-followers").evidence;
  expect(most).toMatchObject({
    status: "fail",
    message: expect.stringMatching(/^kennedyheather, 52 followers: expected 52 rows, got 51/),
    answer: { kind: "rows", count: 51 },
    difference: { missingCount: 1, extraCount: 0, missing: [{ followedUser: "kennedyheather" }], extra: [] },
    parts: [],
  });
  expect(none?.status).toBe("pass");
});

test("a write's evidence says what it sent, that it was done, and which refusals it met", async () => {
  const report = await verifyTable(table, { items, selected: [followUser.id] });
  const { evidence } = resultOf(report, followUser.id);
  expect(evidence[0]).toMatchObject({
    request: { operation: "TransactWriteItems" },
    requests: [{ operation: "TransactWriteItems" }],
    expected: { kind: "done" },
    answer: { kind: "done" },
  });
  expect(evidence.flatMap(({ answer }) => (answer?.kind === "refusal" ? [answer.code] : []))).toEqual([
    "already-following",
    "already-following",
    "cannot-follow-oneself",
    "user-not-found",
    "user-not-found",
  ]);
});

test("with --redact nothing that stands in an item is in the report, and what is wrong still is", async () => {
  const querySet = withPattern(findFollowers, losing);
  const report = await verifyTable(table, { items, querySet, redact: true });
  expect(report.failed).toBe(1);
  const words = new Set(items.flatMap(({ username, name, email }) => [username, name, email]));
  words.delete(undefined);
  // The design's own words, such as an operation's name, are no user's.
  const text = JSON.stringify(report);
  expect([...words].filter((word) => text.includes(JSON.stringify(word).slice(1, -1)))).toEqual([]);
  const { message, evidence } = resultOf(report, "find-followers");
  expect(message).toMatch(
    /^input 1: expected 52 rows, got 51: 1 missing.*\n.*missing \{ followedUser: <string>/,
  );
  expect(evidence[0]).toMatchObject({
    name: "input 1",
    input: { username: "<string>" },
    request: { input: { TableName: table, ExpressionAttributeValues: { ":p": "<string>" } } },
    difference: { missing: [{ followedUser: "<string>", followingUser: "<string>" }] },
  });
});
