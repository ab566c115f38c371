import { QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { readFriendship } from "../../queries/quick-photos/entities.ts";
import { fetchUser } from "../../queries/quick-photos/fetch-user.ts";
import { findFollowers } from "../../queries/quick-photos/find-followers.ts";
import { recentPhotos } from "../../queries/quick-photos/recent-photos.ts";
import type { AnyAccessPattern, Database } from "../../src/query/access-pattern.ts";
import type { OracleSet } from "../../src/query/oracle.ts";
import { classOfGrowth } from "../../src/verify/model/growth-class.ts";
import { exitCodeOfReport, type VerifyReport } from "../../src/verify/report.ts";
import { fileTable, oracles, querySet, verifyTable, withPattern } from "./quick-photos.ts";

const { items, table } = await fileTable();
const set = oracles as OracleSet;
const run = (options: Parameters<typeof verifyTable>[1]) =>
  verifyTable(table, { items, growth: true, inputCount: 1, ...options });
const growthOf = (report: VerifyReport, id: string) =>
  report.modelResults.find((result) => result.kind === "growth" && result.id === id) ??
  expect.fail(`the growth of ${id} is not in the report`);

test("every pattern's cost grows as it declares, at 1, 10 and 100 times the data", async () => {
  // What many at once come to is judged elsewhere.
  const checks = set.checks.map((check) => ({ ...check, contention: undefined }) as unknown as typeof check);
  const report = await run({ oracles: { ...set, checks } });
  const results = report.modelResults.filter(({ kind }) => kind === "growth");
  expect(results.filter(({ status }) => status !== "pass")).toEqual([]);
  expect(results).toHaveLength(14);
  const figures = (id: string) =>
    growthOf(report, id).figures?.map(({ rows, requests, readUnits }) => [rows, requests, readUnits]);
  expect(figures("fetch-user")).toEqual([
    [1, 1, 0.5],
    [1, 1, 0.5],
    [1, 1, 0.5],
  ]);
  // Half a unit for each profile, and the friendships by 4 KB; 100 keys a request.
  expect(figures("find-and-enrich-following")).toMatchObject([
    [4, 2, 2.5],
    [40, 2, expect.any(Number)],
    [400, 5, expect.any(Number)],
  ]);
  expect(figures("follow-user")).toEqual([
    [undefined, 1, undefined],
    [undefined, 1, undefined],
    [undefined, 1, undefined],
  ]);
}, 120_000);

/** Who follows a user, by a scan of all there is: the right rows, at the table's cost. */
const byScan: Partial<AnyAccessPattern> = {
  operations: ["Scan"],
  allows: ["scan", "filter"],
  run: async ({ client, table: TableName }: Database, { username }: { username: string }) => {
    const rows: Record<string, unknown>[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await client.send(new ScanCommand({ TableName, ExclusiveStartKey }));
      rows.push(...(page.Items ?? []).filter((item) => item.followedUser === username));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    const followers = rows.map(readFriendship).sort((a, b) => (a.followingUser < b.followingUser ? -1 : 1));
    return { followers, cursor: undefined };
  },
};

/** Reads all photos to show a page of them. */
const allForOnePage: Partial<AnyAccessPattern> = {
  run: async (database: Database, input: { username: string; limit: number }) => {
    const send = (command: QueryCommand, options: never) =>
      database.client.send(new QueryCommand({ ...command.input, Limit: undefined }), options);
    const all = { ...database, client: { send: send as Database["client"]["send"] } };
    const { photos } = await recentPhotos.run(all, input as never);
    return { photos: photos.slice(0, input.limit), cursor: undefined };
  },
};

test.each([
  [
    "a scan",
    findFollowers,
    byScan,
    /declared linear, and it grows with what its answer does not hold: [\d.]+, [\d.]+, [\d.]+ read units in/,
  ],
  [
    "a page of which all is read",
    recentPhotos,
    allForOnePage,
    /declared page, and it is linear: 0\.5, [\d.]+, [\d.]+ read units in 1, 1, 1 requests/,
  ],
  [
    "a class that is none of it",
    findFollowers,
    { growth: "constant" },
    /declared constant, and it is linear: 0\.5, [\d.]+, [\d.]+ read units/,
  ],
  [
    "a constant that is declared linear",
    fetchUser,
    { growth: "linear" },
    /declared linear, and it is constant: 0\.5, 0\.5, 0\.5 read units/,
  ],
] as [string, AnyAccessPattern, Partial<AnyAccessPattern>, RegExp][])(
  "red: %s",
  async (_, pattern, change, message) => {
    const report = await run({ querySet: withPattern(pattern, change), selected: [pattern.id] });
    expect(growthOf(report, pattern.id).status).toBe("fail");
    expect(growthOf(report, pattern.id).message).toMatch(message);
    expect(exitCodeOfReport(report)).toBe(1);
  },
  60_000,
);

test("data that do not grow, or cannot, show nothing; what is not declared is told and not judged", async () => {
  const selected = [findFollowers.id];
  const flat = await run({
    selected,
    oracles: { ...set, grow: (all) => set.grow?.(all, 1, undefined as never) ?? [] },
  });
  expect(growthOf(flat, findFollowers.id)).toMatchObject({
    status: "fail",
    message: /does not grow with the data/,
  });
  const none = await run({ selected, oracles: { ...set, grow: undefined } as unknown as OracleSet });
  expect(growthOf(none, findFollowers.id)).toMatchObject({ status: "fail", message: /they have no grow/ });
  const { growth: _, ...undeclared } = findFollowers;
  const patterns = querySet.patterns.map((one) => (one.id === findFollowers.id ? undeclared : one));
  const report = await run({ selected, querySet: { ...querySet, patterns: patterns as AnyAccessPattern[] } });
  expect(growthOf(report, findFollowers.id)).toMatchObject({ status: "notRun", message: /measured: linear/ });
  expect(exitCodeOfReport(report)).toBe(0);
}, 60_000);

test("the class of figures: rounding to blocks of 4 KB is no growth", () => {
  const figures = (...readUnits: number[]) =>
    readUnits.map((units, index) => ({ factor: 10 ** index, items: 1, requests: 1, readUnits: units }));
  expect(classOfGrowth(figures(0.5, 1, 1.5), figures(0.5, 0.5, 0.5), false)).toBe("constant");
  expect(classOfGrowth(figures(0.5, 1, 1.5), figures(0.5, 0.5, 0.5), true)).toBe("page");
  expect(classOfGrowth(figures(0.5, 1, 7), figures(0.5, 0.5, 0.5), true)).toBe("linear");
  expect(classOfGrowth(figures(0.5, 1, 7), figures(0.5, 0.5, 1), false)).toBe("table");
  const requests = [1, 2, 9].map((count) => ({ factor: 1, items: 1, requests: count }));
  expect(classOfGrowth(requests, [], false)).toBe("linear");
});
