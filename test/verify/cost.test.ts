import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BatchGetCommand, GetCommand, QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type Friendship, readFriendship } from "../../queries/quick-photos/entities.ts";
import { fetchUser } from "../../queries/quick-photos/fetch-user.ts";
import { findAndEnrichFollowing } from "../../queries/quick-photos/find-and-enrich-following.ts";
import { findFollowers } from "../../queries/quick-photos/find-followers.ts";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import type { AnyAccessPattern } from "../../src/query/access-pattern.ts";
import { openDatabase } from "../../src/query/database.ts";
import { judgeBudget, largestRun } from "../../src/verify/cost/budget.ts";
import { lockedSource, makeLock, readLock, writeLock } from "../../src/verify/cost/lock-file.ts";
import { measure } from "../../src/verify/cost/measure.ts";
import { openProbe } from "../../src/verify/probe.ts";
import { exitCodeOfReport } from "../../src/verify/report.ts";
import { temporaryFolder } from "../seed/support.ts";
import { sharedTarget } from "../support/tables.ts";
import { fileTable, resultOf, verifyTable, withPattern } from "./quick-photos.ts";

const { items, table } = await fileTable();
const ids = [fetchUser.id, findAndEnrichFollowing.id, followUser.id];
const run = (options: Parameters<typeof verifyTable>[1] = {}) =>
  verifyTable(table, { items, selected: ids, ...options });
const lockOf = async () => makeLock(await run());

test("the cost of the largest answer is the same whatever the seed draws, and nothing else is locked", async () => {
  const lock = await lockOf();
  for (const seed of [2, 3]) {
    const report = await run({ seed, lock });
    expect(report).toMatchObject({ lock: "compared", passed: 3, overBudget: 0 });
  }
  const enriched = lock.patterns[findAndEnrichFollowing.id];
  // Half a unit for the Query, and for each profile.
  expect(enriched).toMatchObject({ requests: 2, readUnits: ((enriched?.rows ?? 0) + 1) / 2 });
  expect(lock.patterns[followUser.id]).toEqual({ requests: 1 });
});

test("a cost that has changed, or is not in the lock, is over budget; a lock of another source is not compared", async () => {
  const lock = await lockOf();
  const { [fetchUser.id]: _, ...others } = lock.patterns;
  const changed = { ...others, [followUser.id]: { requests: 3 } };
  const report = await run({ lock: { ...lock, patterns: changed } });
  expect(exitCodeOfReport(report)).toBe(2);
  expect(resultOf(report, fetchUser.id).message).toMatch(
    /is not in the lock: 1 request, 0.5 read units, 1 row/,
  );
  expect(resultOf(report, followUser.id).message).toMatch(
    /has changed: 1 request, where the lock has 3 requests/,
  );
  expect(resultOf(report, findAndEnrichFollowing.id).status).toBe("pass");
  const other = { ...lock, source: lockedSource("other", items.slice(1)), patterns: changed };
  expect(await run({ lock: other })).toMatchObject({ lock: "otherSource", passed: 3 });
});

test("a run that takes more than the pattern's budget is over budget, and a wrong answer is worse", async () => {
  const dear = withPattern(findAndEnrichFollowing, { budget: { requests: 2, readUnits: 3 } });
  const report = await run({ querySet: dear });
  expect(resultOf(report, findAndEnrichFollowing.id)).toMatchObject({
    status: "overBudget",
    message: expect.stringMatching(/it took [\d.]+ read units, and its budget is 3/),
  });
  const wrong = withPattern(findAndEnrichFollowing, {
    budget: { requests: 1 },
    run: async (database, input) => {
      const result = await findAndEnrichFollowing.run(database, input);
      return { ...result, following: result.following.slice(1) };
    },
  });
  expect(resultOf(await run({ querySet: wrong }), findAndEnrichFollowing.id).status).toBe("fail");
});

test("reported units are judged on AWS only, where a difference is a finding by itself", () => {
  const differs = { rows: 1, requests: 1, readUnits: 1, reportedUnits: 2 };
  expect(judgeBudget(fetchUser, { ...differs, readUnits: 0.5 }, false).status).toBe("pass");
  expect(judgeBudget(fetchUser, differs, true)).toMatchObject({
    status: "overBudget",
    lines: ["DynamoDB reports 2 read units, and by its sizing rules they are 1"],
  });
  expect(
    largestRun([
      { rows: 1, requests: 1 },
      { rows: 3, requests: 2 },
      { rows: 3, requests: 9 },
    ]),
  ).toEqual({
    rows: 3,
    requests: 2,
  });
});

/** The followers of a user, out of the whole item collection: the profile and the photos are thrown away. */
const byFilter = (allows: "filter"[], more: object = {}): Partial<AnyAccessPattern> => {
  const request = (username: string, TableName: string) => ({
    TableName,
    KeyConditionExpression: "#pk = :pk",
    FilterExpression: "attribute_exists(#who) AND #who <> :nobody",
    ExpressionAttributeNames: { "#pk": "PK", "#who": "followedUser" },
    ExpressionAttributeValues: { ":pk": `USER#${username}`, ":nobody": "nobody" },
  });
  return {
    input: z.strictObject({ username: z.string() }),
    allows,
    params: ({ username }, table) => ({ operation: "Query", input: request(username, table) }),
    run: async (database, { username }) => {
      const followers: Friendship[] = [];
      let key: Record<string, unknown> | undefined;
      do {
        const asked = { ...request(username, database.table), ...(key && { ExclusiveStartKey: key }) };
        const page = await database.client.send(new QueryCommand(asked));
        followers.push(...(page.Items ?? []).map(readFriendship));
        key = page.LastEvaluatedKey;
      } while (key);
      return { followers };
    },
    ...more,
  };
};

const judgeFilter = async (change: Partial<AnyAccessPattern>) => {
  const querySet = withPattern(findFollowers as AnyAccessPattern, change);
  return resultOf(await run({ querySet, selected: [findFollowers.id] }), findFollowers.id);
};

test("units of a read that is filtered are those of all that it read: they are reported, locked and held against the budget", async () => {
  const plain = resultOf(await run({ selected: [findFollowers.id] }), findFollowers.id);
  const filtered = await judgeFilter(byFilter(["filter"]));
  expect(filtered).toMatchObject({ status: "pass", requests: plain.requests });
  expect(filtered.modelledReadUnits).toBeGreaterThanOrEqual(plain.modelledReadUnits ?? Number.NaN);
  const [evidence] = filtered.evidence[0]?.requests ?? [];
  expect(evidence?.scanned).toBeGreaterThan(evidence?.items ?? Number.NaN);
  expect(filtered.largest?.readUnits).toBeGreaterThanOrEqual(plain.largest?.readUnits ?? Number.NaN);
  const budget = { requests: 1, readUnits: 0.5 };
  expect(await judgeFilter(byFilter(["filter"], { budget }))).toMatchObject({
    status: "overBudget",
    message: expect.stringMatching(/it took [\d.]+ read units, and its budget is 0\.5/),
  });
});

test("a filter that nobody named is refused, with the share that it threw away", async () => {
  const { status, message = "" } = await judgeFilter(byFilter([]));
  expect(status).toBe("fail");
  const [, thrown, read, percent] =
    /it threw away (\d+) of (\d+) items that it read, (\d+) %/.exec(message) ?? [];
  expect(Number(thrown)).toBeGreaterThan(0);
  expect(Math.round((100 * Number(thrown)) / Number(read))).toBe(Number(percent));
});

test("units of projections, counts, limits and older spellings are those of the whole items", async () => {
  const probe = openProbe(sharedTarget(), {});
  onTestFinished(() => probe.close());
  const { client } = openDatabase(probe.client, table);
  // Of the photo with the most reactions: no other read here takes more than one block of 4 KB.
  const reactionsTo = (photo: unknown) => items.filter((item) => item.photo === photo).length;
  const photos = items.map(({ SK }) => SK).filter((name) => String(name).startsWith("PHOTO#"));
  const [busiest] = photos.sort((a, b) => reactionsTo(b) - reactionsTo(a));
  const base = {
    TableName: table,
    IndexName: "InvertedIndex",
    KeyConditionExpression: "SK = :sk",
    ExpressionAttributeValues: { ":sk": busiest },
  };
  const Keys = [
    { PK: "USER#jacksonjason", SK: "#METADATA#jacksonjason" },
    { PK: "USER#nobody", SK: "#METADATA#nobody" },
  ];
  const [Key] = Keys;
  const unitsOf = async (command: object) => {
    const { sent, cost } = await measure(probe, () => client.send(command as never));
    expect(cost.requests).toBe(1);
    expect(sent.commands).toHaveLength(1);
    return cost.modelledReadUnits;
  };
  const whole = await unitsOf(new QueryCommand(base));
  expect(whole).toBeGreaterThan(0.5);
  for (const narrow of [
    { ProjectionExpression: "SK" },
    { Select: "COUNT" as const },
    { FilterExpression: "#n = :n", ExpressionAttributeNames: { "#n": "name" } },
  ]) {
    const values = "FilterExpression" in narrow ? { ":n": "x" } : {};
    const ExpressionAttributeValues = { ...base.ExpressionAttributeValues, ...values };
    expect(await unitsOf(new QueryCommand({ ...base, ...narrow, ExpressionAttributeValues }))).toBe(whole);
    const limited = { ...base, ...narrow, ExpressionAttributeValues, Limit: 3 };
    expect(await unitsOf(new QueryCommand(limited))).toBe(0.5);
  }
  expect(await unitsOf(new GetCommand({ TableName: table, Key, ProjectionExpression: "SK" }))).toBe(0.5);
  const RequestItems = { [table]: { Keys, ProjectionExpression: "SK", ConsistentRead: true } };
  expect(await unitsOf(new BatchGetCommand({ RequestItems }))).toBe(2);
  const all = await unitsOf(new ScanCommand({ TableName: table }));
  expect(await unitsOf(new ScanCommand({ TableName: table, AttributesToGet: ["SK"] }))).toBe(all);
  expect(all).toBeGreaterThan(20);
});

test("a lock file is read as it was written; what is wrong with one is told", async () => {
  const file = join(temporaryFolder(), "patterns.lock.json");
  expect(await readLock(file, "lock")).toBeUndefined();
  const lock = await lockOf();
  await writeLock(file, lock);
  expect(await readLock(file, "lock")).toEqual(lock);
  for (const [text, problem] of [
    ["{", "lock: is not JSON"],
    ['{"version": 2, "source": {"name": "x", "sha256": "y"}, "patterns": {}}', "version"],
    ['{"version": 1, "source": {}, "patterns": {"a": {"requests": -1}}}', "patterns.a.requests"],
  ]) {
    writeFileSync(file, text as string);
    await expect(readLock(file, "lock")).rejects.toThrow(problem);
  }
});
