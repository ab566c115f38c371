import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fetchUser } from "../../queries/quick-photos/fetch-user.ts";
import { findAndEnrichFollowing } from "../../queries/quick-photos/find-and-enrich-following.ts";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import { judgeBudget, largestRun } from "../../src/verify/cost/budget.ts";
import { lockedSource, makeLock, readLock, writeLock } from "../../src/verify/cost/lock-file.ts";
import { exitCodeOfReport } from "../../src/verify/report.ts";
import { temporaryFolder } from "../seed/support.ts";
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
