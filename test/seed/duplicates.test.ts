import { readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import fc from "fast-check";
import { expect, it } from "vitest";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import type { DuplicatePolicy } from "../../src/seed/file/duplicates/policies.ts";
import { loadBed, names } from "./load-bed.ts";
import { design, seedFile } from "./support.ts";

const line = (key: number, value = "") => `{"PK":"key-${key}","SK":${key},"v":"${value}"}`;
const check = (lines: readonly string[], duplicates?: DuplicatePolicy, keyMemoryBytes?: number) =>
  checkSeedFile(seedFile(lines.join("\n")), design, { duplicates, keyMemoryBytes });

/** The records that a policy leaves out and refuses, by going over all pairs. */
function expected(drawn: readonly { key: number; value: string }[], policy: DuplicatePolicy) {
  const [leftOut, defects]: [number[], string[]] = [[], []];
  for (const [index, { key, value }] of drawn.entries()) {
    const first = drawn.findIndex((other) => other.key === key);
    const isLast = drawn.findLastIndex((other) => other.key === key) === index;
    if (policy === "last" ? !isLast : first < index && policy === "first") leftOut.push(index);
    if (first === index || policy === "first" || policy === "last") continue;
    if (policy === "identical-ok" && drawn[first]?.value === value) leftOut.push(index);
    else defects.push(`${index + 1}: has the same key as line ${first + 1}`);
  }
  return { leftOut, defects };
}

it("each policy leaves out and refuses what comparing every pair says, in memory and spilled", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ key: fc.nat(12), value: fc.constantFrom("a", "b") }), { maxLength: 40 }),
      fc.constantFrom<DuplicatePolicy>("error", "first", "last", "identical-ok"),
      fc.constantFrom(0, undefined),
      async (drawn, policy, memory) => {
        const lines = drawn.map(({ key, value }) => line(key, value));
        const checked = await check(lines, policy, memory);
        const { superseded, defects, items } = checked;
        const want = expected(drawn, policy);
        const written = lines.filter((_, index) => !want.leftOut.includes(index));
        const alone = await checkSeedFile(seedFile(written.join("\n")), design);
        expect(checked).toMatchObject({ itemBytes: alone.itemBytes, writeUnits: alone.writeUnits });
        expect(checked.duplicateCount).toBe(want.defects.length);
        expect(items).toBe(drawn.length - want.defects.length);
        expect(drawn.flatMap((_, index) => (superseded.has(index + 1) ? [index] : []))).toEqual(want.leftOut);
        expect(superseded.count).toBe(want.leftOut.length);
        expect(defects.map(({ line: at, reason }) => `${at}: ${reason}`)).toEqual(want.defects);
      },
    ),
    { numRuns: 100 },
  );
});

it("keys that do not fit into memory go to a temporary file without a name, and are found all the same", async () => {
  // More than the 341 records that a pile holds open, for each of the 256 piles.
  const count = 200_000;
  const lines = Array.from({ length: count }, (_, index) => `{"PK":"${index}","SK":1}`);
  lines.push('{"PK":"17","SK":1.0}', '{"PK":"199999","SK":10e-1}');
  const { defects, items } = await check(lines, "error", 0);
  expect(items).toBe(count);
  expect(defects).toEqual([
    { line: count + 1, reason: "has the same key as line 18" },
    { line: count + 2, reason: "has the same key as line 200000" },
  ]);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("tablewright-keys-"))).toEqual([]);
});

it("a file that was exchanged for another of as many items is no success: its records are not those that were checked", async () => {
  const { load, stored } = await loadBed();
  const file = seedFile([line(0), line(1), line(0, "later")].join("\n"));
  const exchange = () => writeFileSync(file, [line(7), line(1), line(0)].join("\n"));
  const result = await load(file, {}, { duplicates: "last" }, { onChecked: exchange });
  expect(result).toMatchObject({ read: 3, stop: { kind: "failed", error: { code: "seed-file-changed" } } });
  expect(await stored()).not.toContain("key-7");
});

it("a load leaves out what the check left out, and the sum says so", async () => {
  const { load, stored } = await loadBed();
  const lines = [...Array(60).keys()].map((key) => line(key));
  const file = seedFile([...lines, line(3, "later"), "", line(59, "later")].join("\n"));
  const result = await load(file, {}, { duplicates: "last" });
  expect(result).toMatchObject({ read: 62, written: 60, superseded: 2, unwritten: 0, stop: undefined });
  expect(await stored()).toEqual(names(60));
});
