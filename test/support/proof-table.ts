import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./processes.ts";

/** A row's last cell: a file, and what its test is called, or a part of that. */
const ROW = /^\|.*\| `([^`]+\.ts)`: (.+) \|$/;

/** What the tests of a file are called: the first text after each `test(`, `it(` or `test.each(…)(`. */
function namesOf(path: string): string[] {
  const source = readFileSync(path, "utf8");
  const calls = source.matchAll(/\b(?:test|it)(?:\.each[\s\S]*?\)|)\(\s*(["'`])([\s\S]*?)\1\s*,/g);
  return [...calls].map(([, , name = ""]) => name);
}

/**
 * The tables of a page in `docs/` that names a test in the last cell of each row.
 * @param folder the tests' folder, from the root of the project
 * @returns how many rows there are, and those whose test does not exist
 */
export function readProofTable(page: string, folder: string): { rows: number; unknown: string[] } {
  const rows = readFileSync(join(ROOT, "docs", page), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|") && line.includes("`"))
    .map((line) => ROW.exec(line) ?? [line, "", ""]);
  const unknown = rows.filter(
    ([, file = "", name = ""]) =>
      file === "" || !namesOf(join(ROOT, folder, file)).some((known) => known.includes(name)),
  );
  return { rows: rows.length, unknown: unknown.map(([line = ""]) => line) };
}
