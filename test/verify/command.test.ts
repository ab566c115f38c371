import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { putItems } from "../support/tables.ts";
import { openProject } from "./project.ts";

test("verify from the command line: green, then red with JSON and JUnit, then mistakes", async () => {
  const { root, client, table, run, runWith } = await openProject();
  // What the project's own README shows is what the patterns come to.
  const green = await run("--seed", "5", "--inputs", "2", "--markdown", join(root, "README.md"), "--check");
  expect(green).toMatchObject({ status: 0, stderr: "" });
  expect(green.stdout).toContain("README.md is up to date\n");
  expect(green.stdout).toMatch(/^pattern +result +inputs +requests +read units +ms\ncreate-user +pass/);
  expect(green.stdout).toContain("14 of 14 judged: 14 passed, 0 failed\n");
  expect(green.stdout).toContain(
    "right answers from seeds/quick-photos/items.json; inputs drawn with --seed 5\n",
  );

  expect(green.stdout).toContain(
    [
      "invariants: migrations-again, follow-counts, reaction-counts, index-InvertedIndex hold",
      "coverage: indexes, entities, exports hold\n",
    ].join("\n"),
  );

  const locked = readFileSync(join(root, "queries/quick-photos/patterns.lock.json"), "utf8");
  // A README that says something else is exit 1, and stays as it is.
  const readme = readFileSync(join(root, "README.md"), "utf8").replace("1 of 2 | pass |", "9 of 2 | pass |");
  writeFileSync(join(root, "README.md"), readme);
  const update = await run("--update-lock", "--seed", "6", "--markdown", join(root, "README.md"), "--check");
  expect(update).toMatchObject({ status: 1, stderr: "wrote queries/quick-photos/patterns.lock.json\n" });
  expect(update.stdout).toMatch(
    /README.md is not up to date; [\s\S]*\n-.* 9 of 2 .*\n\+.* 1 of 2 \| pass \|\n/,
  );
  expect(readFileSync(join(root, "README.md"), "utf8")).toBe(readme);
  expect(readFileSync(join(root, "queries/quick-photos/patterns.lock.json"), "utf8")).toBe(locked);

  const Key = { PK: { S: "USER#jacksonjason" }, SK: { S: "#FRIEND#haroldwatkins" } };
  const dropped = await client.send(
    new DeleteItemCommand({ TableName: table, Key, ReturnValues: "ALL_OLD" }),
  );
  const patterns = ["--pattern", "find-followers", "--pattern", "recent-photos"];
  const files = [
    "--junit",
    "reports/verify.xml",
    "--html",
    "reports/verify.html",
    "--json-file",
    "reports/verify.json",
  ];
  const summary = join(root, "summary.md");
  const github = { GITHUB_ACTIONS: "true", GITHUB_WORKSPACE: dirname(root), GITHUB_STEP_SUMMARY: summary };
  const red = await runWith(github, "--json", "--inputs", "500", ...files, ...patterns);
  expect(red.status).toBe(1);
  const place = `${basename(root)}/queries/quick-photos/find-followers.ts,line=7`;
  expect(red.stderr).toMatch(
    new RegExp(
      `^made the folder .*reports\n::error file=${place},title=find-followers%3A FAIL::jacksonjason.*\n`,
    ),
  );
  const document = JSON.parse(red.stdout);
  expect(document).toMatchObject({
    command: "verify",
    model: "quick-photos",
    table,
    passed: 1,
    failed: 1,
    overBudget: 0,
    indeterminate: 0,
    notRun: 0,
    patterns: [
      { id: "recent-photos", title: "Recent photos of a user", status: "pass" },
      { id: "find-followers", status: "fail", message: /^jacksonjason, \d+ followers: expected/ },
    ],
  });
  for (const name of ["requests", "modelledReadUnits", "reportedReadUnits", "milliseconds"]) {
    for (const pattern of document.patterns) expect(pattern[name]).toBeGreaterThan(0);
  }
  expect(readFileSync(join(root, "reports/verify.xml"), "utf8")).toMatch(
    /<testsuite name=.* tests="5" failures="1" errors="0" time="[0-9.]+" skipped="2"/,
  );

  const written = readFileSync(join(root, "reports/verify.json"), "utf8");
  expect(written).toBe(red.stdout);
  const page = readFileSync(join(root, "reports/verify.html"), "utf8");
  expect(page).toContain('id="pattern-find-followers" data-part="0" data-status="fail"');

  // On GitHub Actions the same run tells of the pattern's line, and standard output stays one document.
  expect(readFileSync(summary, "utf8")).toMatch(
    /^## verify: quick-photos\n[\s\S]*### FAIL: `find-followers`/,
  );

  // The friendship is back, but no counter includes it: the backfill would count it again.
  const { counted: _mark, ...unmarked } = dropped.Attributes ?? {};
  await putItems(client, table, [unmarked]);
  const again = await run("--invariants", "--pattern", "recent-photos", "--json");
  expect(again).toMatchObject({ status: 1, stderr: "" });
  const { modelResults } = JSON.parse(again.stdout);
  expect(modelResults[0]).toMatchObject({
    id: "migrations-again",
    status: "fail",
    message: expect.stringMatching(/^0003-backfill-follow-counts, step count-friendships: .*\(1 to change\)/),
  });
  expect(modelResults[1]).toMatchObject({ id: "follow-counts", status: "pass" });

  await putItems(client, table, [dropped.Attributes ?? {}]);
  const readOnly = await run("--read-only", "--source", "table", "--inputs", "1", "--no-invariants");
  expect(readOnly).toMatchObject({ status: 0, stderr: "" });
  expect(readOnly.stdout).toContain("7 of 14 judged: 7 passed, 0 failed, 7 not run");
  expect(readOnly.stdout).toContain("writing patterns are left out by --read-only");

  for (const [args, code] of [
    [["--pattern", "find-folowers"], "unknown-pattern"],
    [["--read-only", "--scratch"], "usage"],
    [["--watch", "--self-test"], "usage"],
  ] as const) {
    const wrong = await run(...args, "--json");
    expect(wrong).toMatchObject({ status: 4, stderr: "" });
    expect(JSON.parse(wrong.stdout)).toMatchObject({ command: "verify", error: { code } });
  }
}, 180_000);

test("a bad line of the source is exit 1, with its place", async () => {
  const { root, run } = await openProject();
  writeFileSync(join(root, "items.json"), '{"PK":"USER#a"}\nnot json\n');
  const bad = await run("--source", "items.json");
  expect(bad).toMatchObject({ status: 1, stdout: "" });
  expect(bad.stderr).toContain("items.json:2: ");
});
