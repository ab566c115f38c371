import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fetchUserCheck } from "../../queries/quick-photos/oracles/fetch-user.ts";
import { findFollowersCheck } from "../../queries/quick-photos/oracles/find-followers.ts";
import { followUserCheck } from "../../queries/quick-photos/oracles/follow-user.ts";
import { createStyle } from "../../src/log.ts";
import type { Expectation, OracleSet, ReadCheck, WriteCheck } from "../../src/query/oracle.ts";
import { exitCodeOfReport, type VerifyReport } from "../../src/verify/report.ts";
import { renderJunit } from "../../src/verify/reports/junit.ts";
import { renderText } from "../../src/verify/reports/text.ts";
import { exitCodeOfSelfTest } from "../../src/verify/self-test/exit-code.ts";
import { ALL_KINDS } from "../../src/verify/self-test/kinds.ts";
import type { SelfTestReport } from "../../src/verify/self-test/self-test-report.ts";
import { openProject } from "./project.ts";
import { fileTable, oracles, resultOf, verifyTable } from "./quick-photos.ts";

const { items, table } = await fileTable();
const set = oracles as OracleSet;

/** The real oracles with another check in the place of one. */
const withCheck = (check: object & { pattern: { id: string } }): OracleSet => ({
  ...set,
  checks: [
    ...set.checks.filter(({ pattern }) => pattern.id !== check.pattern.id),
    check as unknown as ReadCheck<unknown> | WriteCheck<unknown>,
  ],
});

async function testChecks(
  selected: readonly string[],
  changed: OracleSet = set,
): Promise<VerifyReport & { selfTest: SelfTestReport }> {
  const report = await verifyTable(table, {
    items,
    oracles: changed,
    selected,
    selfTest: true,
    inputCount: 3,
  });
  if (!report.selfTest) throw new Error("there is no self-test in the report");
  return { ...report, selfTest: report.selfTest };
}

test("verify --self-test: every kind of mistake is drawn, and all of them are found, exit 0", async () => {
  const { root, run } = await openProject();
  const { status, stdout } = await run("--self-test", "--json", "--inputs", "3", "--junit", "verify.xml");
  const { selfTest, failed, indeterminate } = JSON.parse(stdout) as VerifyReport;
  expect(selfTest).toMatchObject({ rate: 1, survivors: [], notTested: [], gaps: [] });
  expect({ status, failed, indeterminate }).toEqual({ status: 0, failed: 0, indeterminate: 0 });
  expect(selfTest?.kinds.map(({ kind }) => kind)).toEqual(ALL_KINDS);
  for (const { kind, mutants, killed, absent } of selfTest?.kinds ?? []) {
    expect({ kind, killed, absent, isDrawn: mutants > 0 }).toEqual({ kind, killed: mutants, isDrawn: true });
  }
  expect(selfTest?.mutants).toBeGreaterThan(200);
  const xml = readFileSync(`${root}/verify.xml`, "utf8");
  expect(xml).toMatch(/<testsuites tests="35" failures="0" errors="0"/);
  expect(xml).toMatch(/<testcase .*name="the cursor ignored: \d+ of \d+ killed"/);
}, 120_000);

/** Answers that verify takes for right, whatever they hold. */
function blindTo(see: (rows: readonly unknown[]) => readonly unknown[]) {
  let right: readonly unknown[] = [];
  return {
    ...findFollowersCheck,
    expected(...args: Parameters<typeof findFollowersCheck.expected>): Expectation {
      const expectation = findFollowersCheck.expected(...args);
      if (expectation.kind === "refusal") return expectation;
      right = expectation.rows;
      return { ...expectation, rows: see(expectation.rows) };
    },
    rows: (result: unknown) =>
      see(findFollowersCheck.rows(result).length > 0 ? findFollowersCheck.rows(result) : right),
  };
}

test("an oracle that only counts is green, and its self-test is red", async () => {
  const counting = blindTo((rows) => rows.map(() => ({})));
  const report = await testChecks(["find-followers"], withCheck(counting));
  expect(resultOf(report, "find-followers").status).toBe("pass");
  const { selfTest } = report;
  const survived = (kind: string) => selfTest.survivors.filter((survivor) => survivor.kind === kind);
  expect(survived("valueChanged")).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ pattern: "find-followers", what: "timestamp", verdict: "pass" }),
    ]),
  );
  expect(survived("orderFlipped")).toHaveLength(1);
  expect(survived("itemDropped")).toEqual([]);
  expect(exitCodeOfReport(report)).toBe(1);
  const text = renderText(report, createStyle(false));
  expect(text).toMatch(/self-test: \d+ of \d+ mutants killed \(\d\d %\)/);
  expect(text).toMatch(
    /find-followers: the order flipped \(ScanIndexForward\) was judged pass, on .*followers/,
  );
  expect(renderJunit(report)).toMatch(/<failure type="survived" message="find-followers: the order flipped/);
});

test("an oracle that calls every answer right lets all of them through, and its self-test is red", async () => {
  const right = new Map<string, readonly unknown[]>();
  const echo = {
    ...fetchUserCheck,
    expected(...[source, input]: Parameters<typeof fetchUserCheck.expected>): Expectation {
      const expectation = fetchUserCheck.expected(source, input);
      if (expectation.kind === "rows") right.set(input.username, expectation.rows);
      return expectation;
    },
    rows: (result: unknown) => right.get((result as { user: { username: string } }).user.username) ?? [],
  };
  const report = await testChecks(["fetch-user"], withCheck(echo));
  expect(resultOf(report, "fetch-user").status).toBe("pass");
  expect(report.selfTest.survivors.map(({ what }) => what)).toEqual(
    expect.arrayContaining(["email", "followers"]),
  );
  expect(exitCodeOfReport(report)).toBe(1);
});

test("records that leave something out are blind to writes of it", async () => {
  const blind: OracleSet = {
    ...set,
    records: (source) =>
      set.records(source).map((record) => ({ ...(record as object), counted: 0, followers: 0 })),
  };
  const report = await testChecks(["follow-user"], blind);
  expect(resultOf(report, "follow-user").status).toBe("pass");
  const survivors = report.selfTest.survivors.map(({ kind, what }) => `${kind} ${what}`);
  // The counter of followers is found all the same: fetch-user reads it back.
  expect(survivors).toEqual(["valueChanged Put 1: counted", "attributeLost Put 1: counted"]);
  expect(exitCodeOfReport(report)).toBe(1);
});

test("a kind that the patterns can have and no case shows is a gap; one that they cannot have is told why", async () => {
  const onlyOneself = {
    ...followUserCheck,
    cases: (...args: Parameters<typeof followUserCheck.cases>) =>
      followUserCheck.cases(...args).filter(({ empty, name }) => !empty || name === "oneself"),
  };
  const report = await testChecks(["follow-user"], withCheck(onlyOneself));
  expect(report.selfTest).toMatchObject({ rate: 1, survivors: [] });
  expect(report.selfTest.gaps).toEqual([
    expect.stringContaining('"a refusal turned into success"'),
    expect.stringContaining('"a refusal that writes all the same"'),
  ]);
  expect(exitCodeOfReport(report)).toBe(1);
  const one = await testChecks(["fetch-user"]);
  const absent = one.selfTest.kinds.filter((kind) => kind.absent !== undefined).map(({ kind }) => kind);
  expect(absent).toEqual(
    expect.arrayContaining(["orderFlipped", "wrongIndex", "pageLost", "cursorIgnored", "wrongKey"]),
  );
  expect(one.selfTest.kinds.find(({ kind }) => kind === "limitIgnored")?.absent).toBe("no pattern has pages");
  expect(exitCodeOfReport(one)).toBe(0);
});

test("a pattern that has not passed is not tested: exit 1 where it is wrong, 3 where nobody knows", () => {
  const tested: SelfTestReport = {
    kinds: [],
    mutants: 5,
    killed: 5,
    rate: 1,
    survivors: [],
    notTested: [],
    gaps: [],
    seconds: 1,
  };
  const exit = (status: "fail" | "indeterminate") =>
    exitCodeOfSelfTest({
      ...tested,
      notTested: [{ pattern: "p", status, reason: "it has not passed itself" }],
    });
  expect(exitCodeOfSelfTest(tested)).toBe(0);
  expect(exit("fail")).toBe(1);
  expect(exit("indeterminate")).toBe(3);
  expect(exitCodeOfSelfTest({ ...tested, mutants: 0, killed: 0, rate: 0 })).toBe(1);
});
