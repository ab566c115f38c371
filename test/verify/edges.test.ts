import { expect, test } from "vitest";
import { findAndEnrichFollowing } from "../../queries/quick-photos/find-and-enrich-following.ts";
import { findFollowers } from "../../queries/quick-photos/find-followers.ts";
import { recentPhotos } from "../../queries/quick-photos/recent-photos.ts";
import type { OracleSet } from "../../src/query/oracle.ts";
import { ALL_EDGES } from "../../src/verify/edges/edges.ts";
import { exitCodeOfReport } from "../../src/verify/report.ts";
import { fileTable, oracles, querySet, resultOf, verifyTable, withPattern } from "./quick-photos.ts";

const { items, table } = await fileTable();
const set = oracles as OracleSet;
const reading = querySet.patterns.filter(({ kind }) => kind === "read").map(({ id }) => id);

test("the patterns meet every edge on the oracles' edge items, and are right there", async () => {
  const report = await verifyTable(table, { items, edges: true, selected: reading, inputCount: 1 });
  expect(report).toMatchObject({ passed: reading.length, failed: 0, edges: { unmet: [] } });
  const met = new Map(report.edges?.patterns.map((pattern) => [pattern.id, pattern.met]));
  expect(ALL_EDGES.filter((edge) => ![...met.values()].flat().includes(edge))).toEqual([]);
  expect(met.get("recent-photos")).toEqual(expect.arrayContaining(["endedByDynamoDB", "over1MB"]));
  expect(met.get("find-and-enrich-following")).toEqual(
    expect.arrayContaining(["over100Keys", "lastSortKey", "pastTheEnd", "utf8Order"]),
  );
  expect(met.get("fetch-user")).toEqual(["noRows", "oneRow", "hash", "nonAscii", "beyondBmp"]);
  // Edges cost what the real data do not: neither budgets nor the lock are held against them.
  expect(resultOf(report, "recent-photos").largest?.requests).toBe(1);
}, 60_000);

const ONLY_AT_THE_EDGE = [
  {
    what: "rows in JavaScript's order",
    pattern: findFollowers,
    change: {
      run: async (database: never, input: never) => {
        const { followers, cursor } = await findFollowers.run(database, input);
        return { followers: followers.sort((a, b) => (a.followingUser < b.followingUser ? -1 : 1)), cursor };
      },
    },
    message: /^on the edge items, .* followers: .*wrong order/,
  },
  {
    what: "no more than 100 profiles",
    pattern: findAndEnrichFollowing,
    change: {
      run: async (database: never, input: never) => {
        const { following, ...others } = await findAndEnrichFollowing.run(database, input);
        return { following: following.slice(0, 100), ...others };
      },
    },
    message: /^on the edge items, follower, 131 followed: expected 131 rows, got 101/,
  },
  {
    what: "a range that ends before the last key",
    pattern: recentPhotos,
    change: {
      run: async (database: never, input: never) => {
        const { photos, cursor } = await recentPhotos.run(database, input);
        return { photos: photos.filter(({ timestamp }) => timestamp < "9999"), cursor };
      },
    },
    message: /^on the edge items, .*1 missing/,
  },
] as const;

test.each(ONLY_AT_THE_EDGE)(
  "right on the table, wrong at the edge: $what",
  async ({ pattern, change, message }) => {
    const options = {
      items,
      selected: [pattern.id],
      inputCount: 1,
      querySet: withPattern(pattern as never, change as never),
    };
    expect(resultOf(await verifyTable(table, options), pattern.id).status).toBe("pass");
    const report = await verifyTable(table, { ...options, edges: true });
    expect(resultOf(report, pattern.id)).toMatchObject({
      status: "fail",
      message: expect.stringMatching(message),
    });
    expect(resultOf(report, pattern.id).evidence.at(-1)).toMatchObject({ status: "fail" });
    expect(exitCodeOfReport(report)).toBe(1);
  },
);

test("an edge that the patterns can have and none met is exit 1, but not where patterns are left out; without edge items, or without leave, none is looked for", async () => {
  const only = {
    items,
    inputCount: 1,
    edges: true,
    querySet: { ...querySet, patterns: [findAndEnrichFollowing] },
  };
  const own = {
    ...set,
    checks: set.checks.filter(({ pattern }) => pattern.id === findAndEnrichFollowing.id),
  };
  const small: OracleSet = {
    ...own,
    edgeItems: (all, random) =>
      (set.edgeItems?.(all, random) ?? []).filter(
        ({ username, followedUser }) => !`${username} ${followedUser}`.includes("crowd-"),
      ),
  };
  const edgesOf = async (options: Parameters<typeof verifyTable>[1]) =>
    (await verifyTable(table, { ...only, ...options })).edges;
  const report = await verifyTable(table, { ...only, oracles: small });
  expect(report.edges?.unmet).toEqual(["endedByDynamoDB", "over1MB", "over100Keys"]);
  expect(resultOf(report, "find-and-enrich-following").status).toBe("pass");
  expect(exitCodeOfReport({ ...report, modelResults: [] })).toBe(1);

  const { id } = findAndEnrichFollowing;
  expect(
    await edgesOf({ querySet, oracles: { ...small, checks: set.checks }, selected: [id] }),
  ).toMatchObject({
    patterns: [{ id }],
    unmet: [],
  });
  const { edgeItems: _none, ...without } = own;
  const leftOut = "the model's oracles have no edgeItems";
  expect(await edgesOf({ oracles: without })).toEqual({ patterns: [], unmet: [], leftOut });
  expect(await edgesOf({ oracles: own, readOnly: true })).toBeUndefined();
});
