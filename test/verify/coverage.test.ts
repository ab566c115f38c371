import { expect, test } from "vitest";
import { fetchPhotoAndReactionsCheck } from "../../queries/quick-photos/oracles/fetch-photo-and-reactions.ts";
import { fetchUserCheck } from "../../queries/quick-photos/oracles/fetch-user.ts";
import { findFollowersCheck } from "../../queries/quick-photos/oracles/find-followers.ts";
import { followUserCheck } from "../../queries/quick-photos/oracles/follow-user.ts";
import type { OracleSet, ReadCheck, WriteCheck } from "../../src/query/oracle.ts";
import { exitCodeOfReport, type PatternResult } from "../../src/verify/report.ts";
import { fileTable, oracles, querySet, resultOf, verifyTable } from "./quick-photos.ts";

const { items, table } = await fileTable();

type Check = ReadCheck<unknown> | WriteCheck<unknown>;

/** A check with anything wrong about it. */
interface OddCheck {
  readonly pattern: { readonly id: string };
  readonly [name: string]: unknown;
}

const set = oracles as OracleSet;

/** The real oracles with another check in the place of a pattern's own. */
function withCheck(check: OddCheck): OracleSet {
  const others = set.checks.filter(({ pattern }) => pattern.id !== check.pattern.id);
  return { ...set, checks: [...others, check as unknown as Check] };
}

async function judge(id: string, oracleSet: OracleSet): Promise<PatternResult> {
  const report = await verifyTable(table, { items, oracles: oracleSet, selected: [id] });
  expect(exitCodeOfReport(report)).toBe(1);
  return resultOf(report, id);
}

test("a pattern without a check fails", async () => {
  const checks = set.checks.filter(({ pattern }) => pattern.id !== "find-followers");
  expect(await judge("find-followers", { ...set, checks })).toMatchObject({
    status: "fail",
    inputs: 0,
    message: "it has no check in the model's oracles",
  });
});

test("a check of a pattern that is not listed fails", async () => {
  const patterns = querySet.patterns.filter(({ id }) => id !== "find-followers");
  const report = await verifyTable(table, {
    items,
    querySet: { ...querySet, patterns },
    selected: ["find-followers"],
  });
  expect(resultOf(report, "find-followers")).toMatchObject({
    status: "fail",
    message: /not in the model's list/,
  });
});

test("two checks of one pattern, or one of the other kind, fail", async () => {
  const twice = { ...set, checks: [...set.checks, fetchUserCheck as Check] };
  expect(await judge("fetch-user", twice)).toMatchObject({ status: "fail", message: /more than one check/ });
  const write: OddCheck = { ...followUserCheck, pattern: fetchUserCheck.pattern };
  expect(await judge("fetch-user", withCheck(write))).toMatchObject({
    status: "fail",
    message: /is a read pattern/,
  });
});

test("a query set without patterns is refused", async () => {
  await expect(verifyTable(table, { items, querySet: { ...querySet, patterns: [] } })).rejects.toMatchObject({
    code: "no-patterns",
    exitCode: 1,
  });
});

const VACUOUS: [what: string, check: OddCheck, message: RegExp][] = [
  ["no inputs at all", { ...findFollowersCheck, inputs: () => [] }, /no input whose answer has rows/],
  [
    "no input with rows",
    { ...findFollowersCheck, inputs: () => [{ name: "nobody", input: { username: "nobody" }, empty: true }] },
    /no input whose answer has rows/,
  ],
  [
    "no input that must be empty",
    {
      ...findFollowersCheck,
      inputs: (...args: Parameters<typeof findFollowersCheck.inputs>) =>
        findFollowersCheck.inputs(...args).filter(({ empty }) => !empty),
    },
    /no input whose answer must be empty/,
  ],
  [
    "an empty answer that is not declared",
    { ...fetchUserCheck, inputs: () => [{ name: "nobody", input: { username: "nobody" } }] },
    /no rows, and it is not declared empty/,
  ],
  [
    "a declared empty answer that has rows",
    { ...fetchUserCheck, inputs: () => [{ name: "one", input: { username: "david25" }, empty: true }] },
    /declared empty, but the right answer has 1 rows/,
  ],
  ["pages without nextCursor", { ...findFollowersCheck, nextCursor: undefined }, /has no nextCursor/],
  [
    "answers too short to page",
    {
      ...fetchPhotoAndReactionsCheck,
      inputs: (...args: Parameters<typeof fetchPhotoAndReactionsCheck.inputs>) =>
        fetchPhotoAndReactionsCheck
          .inputs(...args)
          .filter(({ name, empty }) => empty || name.endsWith(" 0 reactions")),
    },
    /no input has two rows/,
  ],
  ["a write check without cases", { ...followUserCheck, cases: () => [] }, /no case that is done/],
  [
    "a write check without a refusal",
    {
      ...followUserCheck,
      cases: (...args: Parameters<typeof followUserCheck.cases>) =>
        followUserCheck.cases(...args).filter(({ empty }) => !empty),
    },
    /no case that is refused/,
  ],
  [
    "a write check that is only refused",
    {
      ...followUserCheck,
      cases: () => [
        { name: "oneself", input: { followedUser: "david25", followingUser: "david25" }, empty: true },
      ],
    },
    /no case that is done/,
  ],
  [
    "a refusal that is not declared",
    {
      ...followUserCheck,
      cases: () => [{ name: "oneself", input: { followedUser: "david25", followingUser: "david25" } }],
    },
    /it is refused, and not declared empty/,
  ],
  [
    "inputs that throw",
    {
      ...fetchUserCheck,
      inputs: () => {
        throw new Error("no luck");
      },
    },
    /judging it failed: Error: no luck/,
  ],
  [
    "rows that throw",
    {
      ...fetchUserCheck,
      rows: () => {
        throw new Error("another shape");
      },
    },
    /judging it failed: Error: another shape/,
  ],
  [
    "an input that the pattern's schema refuses",
    { ...fetchUserCheck, inputs: () => [{ name: "odd", input: { username: "david25", colour: "red" } }] },
    /the input knows no "colour"/,
  ],
];

test.each(VACUOUS)("a check with %s is no pass", async (_, check, message) => {
  const result = await judge(check.pattern.id, withCheck(check));
  expect(result.message).toMatch(message);
  expect(result.status).toBe("fail");
});

test("scratch items that the oracles cannot make fail every writing pattern and no other", async () => {
  const broken: OracleSet = {
    ...set,
    scratchItems: () => {
      throw new Error("no such items");
    },
  };
  const selected = ["fetch-user", "add-reaction", "create-user"];
  const report = await verifyTable(table, { items, oracles: broken, selected });
  expect(report).toMatchObject({ passed: 1, failed: 2 });
  expect(resultOf(report, "add-reaction").message).toContain("no such items");
});

test("a write that no reading pattern shows is no pass, and a reading pattern that failed is no witness", async () => {
  const readers = set.checks.filter(
    ({ kind, pattern }) => kind === "write" || pattern.id === "find-followers",
  );
  const patterns = querySet.patterns.filter(({ id }) => readers.some(({ pattern }) => pattern.id === id));
  const few = { items, querySet: { ...querySet, patterns }, oracles: { ...set, checks: readers } };
  const report = await verifyTable(table, few);
  expect(resultOf(report, "create-user")).toMatchObject({
    status: "fail",
    message: "no reading pattern shows what it wrote",
  });
  expect(resultOf(report, "follow-user").status).toBe("pass");
});
