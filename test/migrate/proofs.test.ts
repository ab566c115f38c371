import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/processes.ts";

/** A row's last cell: a file, from this folder, and what its test is called, or a part of that. */
const ROW = /^\|.*\| `([^`]+\.ts)`: (.+) \|$/;

const rows = readFileSync(join(ROOT, "docs", "migrations-proofs.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("|") && line.includes("`"))
  .map((line) => ROW.exec(line) ?? [line, "", ""]);

/** What the tests of a file are called: the first text after each `test(`, `it(` or `test.each(…)(`. */
function namesOf(file: string): string[] {
  const source = readFileSync(join(import.meta.dirname, file), "utf8");
  const calls = source.matchAll(/\b(?:test|it)(?:\.each[\s\S]*?\)|)\(\s*(["'`])([\s\S]*?)\1\s*,/g);
  return [...calls].map(([, , name = ""]) => name);
}

test("docs/migrations-proofs.md has a test for each way to lose data, and each of them exists", () => {
  expect(rows.length).toBeGreaterThan(25);
  const unknown = rows.filter(
    ([, file = "", name = ""]) => file === "" || !namesOf(file).some((known) => known.includes(name)),
  );
  expect(unknown.map(([line]) => line)).toEqual([]);
});
