import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { printCode } from "../../../src/migrate/identity/print-code.ts";
import { fingerprint, HASH_ALGORITHM, isSame } from "../../../src/migrate/identity/semantic-hash.ts";
import { ROOT } from "../../support/processes.ts";

const hashOf = async (text: string) => fingerprint(text, (await printCode("/a.ts", text)).code);

const MIGRATION = `import { backfill, defineMigration } from "tablewright/migrate";

const START = 0;

export default defineMigration({
  id: "0001-a",
  description: "fills",
  steps: [
    backfill({
      id: "fill",
      where: { SK: { beginsWith: "#METADATA#" } },
      set: { from: ["a"], attributes: ["b"], values: (item) => ({ b: START + Number(item.a) }) },
    }),
  ],
});
`;

describe("a hash stays the same", () => {
  it.each<[string, (text: string) => string]>([
    ["with a comment", (text) => `/* Licence: MIT */\n// why\n${text}`],
    ["with other line ends", (text) => text.replaceAll("\n", "\r\n")],
    ["with other quotes", (text) => text.replaceAll('"', "'")],
    ["without semicolons", (text) => text.replaceAll(";\n", "\n")],
    ["without trailing commas", (text) => text.replaceAll(/,(\s*[)\]}])/g, "$1")],
    ["with other indentation", (text) => text.replaceAll(/^ +/gm, (spaces) => spaces.repeat(2))],
    ["with a type", (text) => text.replace("(item)", "(item: Readonly<Record<string, unknown>>)")],
    ["with quoted names", (text) => text.replace("where:", '"where":')],
  ])("%s", async (_, edit) => {
    expect(edit(MIGRATION)).not.toBe(MIGRATION);
    expect((await hashOf(edit(MIGRATION))).hash).toBe((await hashOf(MIGRATION)).hash);
  });
});

describe("a hash changes", () => {
  it.each<[string, string, string]>([
    ["with a step's id", '"fill"', '"fill2"'],
    ["with what it selects", "#METADATA#", "#META#"],
    ["with the body of a function", "START + ", "START - "],
    ["with a constant outside of the function", "START = 0", "START = 1"],
    ["with the order of what is read", '["a"]', '["a", "c"]'],
  ])("%s", async (_, from, to) => {
    const edited = MIGRATION.replace(from, to);
    expect(edited).not.toBe(MIGRATION);
    expect((await hashOf(edited)).hash).not.toBe((await hashOf(MIGRATION)).hash);
  });
});

test("the golden hashes: another one for the same code needs another HASH_ALGORITHM", async () => {
  expect(HASH_ALGORITHM).toBe(1);
  expect((await hashOf(MIGRATION)).hash).toBe(
    "1:cb00b6bb12b299cfa62fd6ea9e8697015e2b242b748b17a97becea2d215a73ec",
  );
  const folder = join(ROOT, "migrations", "quick-photos");
  const [, ...lines] = readFileSync(join(folder, "migrations.sum"), "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  for (const [id, hash] of lines.map((line) => line.split(" "))) {
    expect((await hashOf(readFileSync(join(folder, `${id}.ts`), "utf8"))).hash).toBe(hash);
  }
});

test("fingerprints of different algorithms are compared by the files' text", () => {
  const [now, old] = [
    { hash: "2:aa", fileHash: "f" },
    { hash: "1:bb", fileHash: "f" },
  ];
  expect(isSame(now, old)).toBe(true);
  expect(isSame({ ...now, fileHash: "g" }, old)).toBe(false);
  expect(isSame({ hash: "2:aa", fileHash: "g" }, now)).toBe(true);
  expect(isSame({ hash: "2:bb", fileHash: "f" }, now)).toBe(false);
});

test("imports are those that are left when types are gone", async () => {
  const text = `import type { A } from "./types.ts"; import { b } from "../infra/b.ts"; import "side-effect";
export default async () => [b, await import("./late.ts")] as A;`;
  expect((await printCode("/a.ts", text)).imports).toEqual(["../infra/b.ts", "./late.ts", "side-effect"]);
});
