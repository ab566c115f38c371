import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { policies } from "../../../infra/policies/rules/index.ts";
import { ROOT } from "../../support/processes.ts";

const text = readFileSync(join(ROOT, "docs", "security.md"), "utf8");

/** The rows of the document's tables, cell by cell, without the two lines of their heads. */
const rows = text
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| Control |"))
  .map((line) =>
    line
      .split("|")
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
const covered = rows.filter((row) => row.length === 4);
const quoted = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, inner = ""]) => inner);
const ids = new Map(policies.map(({ name }) => [name.split("--")[0] ?? name, name]));

/** The ids of controls as policies carry them: `DynamoDB.2`, `CKV_AWS_28`, `AWS-0024`. */
const controlsIn = (cell = "") =>
  cell.match(/\b[A-Z][A-Za-z]+\.\d+\b|\bCKV2?_AWS_\d+\b|\bAWS-\d{4}\b/g) ?? [];

describe("docs/security.md", () => {
  it("names every policy, and none that is not there", () => {
    const named = covered.flatMap((row) => quoted(row[3]));
    const strange = named.filter((name) => !ids.has(name) && !existsSync(join(ROOT, name)));
    expect(strange).toEqual([]);
    expect([...ids.keys()].filter((id) => !named.includes(id))).toEqual([]);
    for (const row of covered) expect(quoted(row[3]).length).toBeGreaterThan(0);
  });

  it("gives each policy the controls that its name carries", () => {
    for (const [id, name] of ids) {
      const listed = covered
        .filter((row) => quoted(row[3]).includes(id))
        .flatMap((row) => controlsIn(row[0]));
      const carried = name.split("--").slice(1);
      expect({ id, missing: carried.filter((control) => !listed.includes(control)) }).toEqual({
        id,
        missing: [],
      });
    }
  });

  it("points at lines that are there", () => {
    const pointers = covered.flatMap((row) => [
      ...(row[2] ?? "").matchAll(/`([^`]+\.(?:ts|yaml))`: `([^`]+)`/g),
    ]);
    expect(pointers.length).toBeGreaterThan(20);
    const stale = pointers.filter(
      ([, file = "", setting = ""]) => !readFileSync(join(ROOT, file), "utf8").includes(setting),
    );
    expect(stale.map(([pointer]) => pointer)).toEqual([]);
  });

  it("says of each control that is not met why, and of no control two things", () => {
    const without = rows.filter((row) => row.length === 3);
    expect(without.length).toBeGreaterThan(5);
    for (const row of without) expect(row[2]?.length).toBeGreaterThan(10);
    const met = new Set(covered.flatMap((row) => controlsIn(row[0])));
    expect(without.flatMap((row) => controlsIn(row[0])).filter((control) => met.has(control))).toEqual([]);
  });
});
