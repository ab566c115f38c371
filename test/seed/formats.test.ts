import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSeedInput } from "../../src/commands/seed/seed-input.ts";
import { canonicalItem } from "../../src/dynamo/canonical-item.ts";
import { SeedFileError, SeedFormatError } from "../../src/seed/errors.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import type { SeedFormat } from "../../src/seed/file/formats.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import type { SeedRecord } from "../../src/seed/file/records.ts";
import { items, JSON_WRITERS, zstdFrame } from "./item-writers.ts";
import { design, seedFile, temporaryFolder } from "./support.ts";

async function read(content: string | Buffer, format?: SeedFormat): Promise<SeedRecord[]> {
  const records: SeedRecord[] = [];
  for await (const record of readSeedFile({ files: [seedFile(content)], format }, design))
    records.push(record);
  return records;
}

const itemsIn = (records: readonly SeedRecord[]) =>
  records.flatMap((record) => (record.kind === "item" ? [record.item] : []));
const defectsIn = (records: readonly SeedRecord[]) =>
  records.flatMap((record) => (record.kind === "defect" ? record.defects : []));

describe("any items come back as they were", () => {
  it.each(Object.keys(JSON_WRITERS))("from %s", async (writer) => {
    await fc.assert(
      fc.asyncProperty(items, async (made) => {
        const records = await read((JSON_WRITERS[writer] as (typeof JSON_WRITERS)[string])(made));
        expect(defectsIn(records)).toEqual([]);
        expect(itemsIn(records).map(canonicalItem)).toEqual(made.map(canonicalItem));
      }),
      { numRuns: 30 },
    );
  });
});

describe("a file's layout", () => {
  const one = '{"PK":"a","SK":9007199254740993}';

  it.each<[string, string, number]>([
    ["a list with nothing in it", " [ ]\n", 0],
    ["a list behind blank lines and a byte order mark", `\ufeff\r\n\n[${one}]`, 1],
    ["objects over several lines", `{"PK":"a",\n"SK":1}{"PK":"b",\n"SK":1}`, 2],
    ["brackets and quotes in strings", `[{"PK":"]}\\"[{","SK":1},{"PK":"\\\\","SK":1}]`, 2],
  ])("%s is read", async (_, content, count) => {
    const records = await read(content);
    expect(defectsIn(records)).toEqual([]);
    expect(itemsIn(records)).toHaveLength(count);
  });

  it.each([
    ["two objects on the first line", `${one} ${one}`],
    ["a first line that is not whole, and another object below", `{"PK":"a",\n${one}`],
    ["no JSON at all", "PK;SK\n1;2"],
    ["Ion", "$ion_1_0 {Item:{PK:1}}"],
  ])("%s is refused, with what to do", async (_, content) => {
    await expect(read(content)).rejects.toThrow(SeedFormatError);
    await expect(read(content)).rejects.toMatchObject({ next: expect.stringContaining("--format: json-l") });
  });

  it("is as --format says", async () => {
    const twoOnALine = `${one} {"PK":"b","SK":1}`;
    expect(itemsIn(await read(twoOnALine, "json"))).toHaveLength(2);
    expect(defectsIn(await read(twoOnALine, "json-lines"))).toEqual([
      { line: 1, column: one.length + 2, reason: expect.stringContaining("is not JSON") },
    ]);
  });

  it.each<[string, string, [number, number], RegExp, number]>([
    ["a missing comma", `[${one}\n ${one}]`, [2, 2], /comma is missing/, 1],
    ["a comma too many", `[${one},\n]`, [2, 1], /where an item should begin/, 1],
    ["text behind the list", `[${one}]\n\n x`, [3, 2], /behind the end of the list/, 1],
    ["a list without an end", `[${one},\n`, [2, 1], /a \] is missing/, 1],
    ["an item without an end", `[${one},\n  {"PK":"b"`, [2, 3], /begins here and does not end/, 1],
    ["an item that is no JSON", `[${one},\n{"PK":\n "é", x},${one}]`, [3, 7], /not JSON/, 1],
    ["commas between objects", `{\n"PK":"a","SK":1},${one}`, [2, 17], /where an item should begin/, 1],
  ])("%s ends the reading with one defect", async (_, content, [line, column], reason, count) => {
    const records = await read(content);
    expect(itemsIn(records)).toHaveLength(count);
    expect(defectsIn(records)).toEqual([{ line, column, reason: expect.stringMatching(reason) }]);
    expect(defectsIn(records)[0]?.reason).toMatch(/nothing after this was read$/);
  });

  it("has every other defect of a list told with its place", async () => {
    const records = await read(
      `[1, "x",\n{"PK":"é😀","SK":"1"}, {"SK":1},\n{\n  "PK":"a",\n  "SK":1e999},${one}]`,
    );
    expect(defectsIn(records).map(({ line, column }) => [line, column])).toEqual([
      [1, 2],
      [1, 5],
      [2, 13],
      [2, 24],
      [5, 3],
    ]);
    expect(itemsIn(records)).toHaveLength(1);
  });

  it("has bytes that are not UTF-8 told with their line", async () => {
    const bytes = Buffer.concat([Buffer.from('[{"PK":\n"é'), Buffer.from([0xff]), Buffer.from(`"},${one}]`)]);
    const records = await read(bytes);
    expect(defectsIn(records)).toEqual([{ line: 2, column: 3, reason: "is not valid UTF-8" }]);
    expect(itemsIn(records)).toHaveLength(1);
  });
});

describe("types", () => {
  const inPlain = (value: string) => `{"PK":"a","SK":1,"v":${value}}`;
  const inTagged = (value: string) => `{"Item":{"PK":{"S":"a"},"SK":{"N":"1"},"v":${value}}}`;

  it.each<[string, string, RegExp]>([
    ["an empty set", inPlain('{"$stringSet":[]}'), /v is an empty set/],
    ["a set with an element twice", inPlain('{"$numberSet":[1,2,1.0]}'), /v\[2\] stands in the set twice/],
    ["a number in a set of strings", inPlain('{"$stringSet":["a",1]}'), /the set takes strings/],
    ["a set that is no list", inPlain('{"$stringSet":"a"}'), /is a set that is no list/],
    ["39 digits in a set", inPlain(`{"$numberSet":[1${"0".repeat(37)}1]}`), /a number of 39 digits/],
    ["base64 without padding", inPlain('{"$binary":"YQ"}'), /not base64/],
    ["a tag beside a name", inPlain('{"$binary":"YQ==","x":1}'), /other names beside \$binary/],
    ["no tag", inTagged('"x"'), /has no type tag/],
    ["two tags", inTagged('{"S":"x","N":"1"}'), /has no type tag/],
    ["an unknown tag", inTagged('{"D":"x"}'), /has no type tag/],
    ["a number that is not in quotes", inTagged('{"N":1}'), /tagged N, which takes a number as a string/],
    ["no number", inTagged('{"N":"NaN"}'), /not a number/],
    ["NULL false", inTagged('{"NULL":false}'), /tagged NULL, which takes true/],
    ["an empty set of numbers", inTagged('{"NS":[]}'), /is an empty set/],
    [
      "a bad element deep inside",
      inTagged('{"M":{"x":{"L":[{"BS":["*"]}]}}}'),
      /v\.x\[0\]\[0\] is not base64/,
    ],
    ["an untagged item in an export", `${inTagged('{"S":""}')}\n{"Item":{"PK":"a","SK":1}}`, /no type tag/],
  ])("%s is a defect with its place", async (_, content, reason) => {
    const records = await read(content, undefined);
    const [defect] = defectsIn(records);
    expect(defect?.reason).toMatch(reason);
    expect(defect?.column).toBeGreaterThan(1);
  });

  it("tagged keys are told from plain ones, also where the item is called Item", async () => {
    const [bare, wrapped, map] = await Promise.all([
      read('{"PK":{"S":"a"},"SK":{"N":"1"}}'),
      read('{"Item":{"PK":{"S":"a"},"SK":{"N":"1"}}}'),
      read('{"PK":"a","SK":1,"Item":{"S":"x"}}'),
    ]);
    expect(itemsIn(bare)).toEqual([{ PK: { S: "a" }, SK: { N: "1" } }]);
    expect(itemsIn(wrapped)).toEqual(itemsIn(bare));
    expect(itemsIn(map)).toEqual([{ PK: { S: "a" }, SK: { N: "1" }, Item: { M: { S: { S: "x" } } } }]);
  });

  it("32 levels are taken in DynamoDB JSON too, and 33 are not", async () => {
    const deep = (levels: number) => `${'{"L":['.repeat(levels)}${"]}".repeat(levels)}`;
    expect(itemsIn(await read(inTagged(deep(31))))).toHaveLength(1);
    expect(defectsIn(await read(inTagged(deep(32))))[0]?.reason).toMatch(/more than 32 levels/);
  });

  it("an incremental export is refused by name", async () => {
    const [record] = await read('{"Metadata":{},"Keys":{"PK":{"S":"a"}},"NewImage":{"PK":{"S":"a"}}}');
    expect(record).toMatchObject({ defects: [{ reason: expect.stringContaining("incremental export") }] });
  });
});

describe("several files", () => {
  it("are read as one: a glob, places with their files, a key in two of them", async () => {
    const folder = temporaryFolder();
    const path = (name: string) => join(folder, name);
    writeFileSync(path("b.json"), '[{"PK":"b","SK":1},\n{"PK":"a","SK":1.0}]');
    writeFileSync(path("a.json"), '{"PK":"x","SK":"1"}\n{"PK":"a","SK":1}\n');
    writeFileSync(path("c.txt"), "not looked at");
    const context = { project: { root: folder }, options: { table: "x" } } as never;
    const { input, shown } = await openSeedInput(context, { files: [path("*.json")] });
    expect(input.files).toEqual([path("a.json"), path("b.json")]);
    expect(shown).toBe(`${path("a.json")} and 1 more`);
    expect(await checkSeedFile(input, design)).toMatchObject({
      items: 2,
      defects: [
        { source: path("a.json"), line: 1, column: 11 },
        { source: path("b.json"), line: 2, reason: `has the same key as line 2 of ${path("a.json")}` },
      ],
    });
    await expect(openSeedInput(context, { files: [path("*.csv")] })).rejects.toThrow(/no file matches/);
  });
});

describe("a compressed file", () => {
  const text = Array.from({ length: 500 }, (_, index) => `{"PK":"k${index}","SK":1}\n`).join("");
  const halves = [Buffer.from(text.slice(0, 1_000)), Buffer.from(text.slice(1_000))];

  it.each<[string, Buffer]>([
    ["gzip", gzipSync(text)],
    ["gzip of several members", Buffer.concat(halves.map((half) => gzipSync(half)))],
    ["zstd", zstdFrame(Buffer.from(text))],
    ["zstd of several frames", Buffer.concat(halves.map(zstdFrame))],
  ])("as %s is read by its content, and one that is cut off is an error", async (_, bytes) => {
    expect(itemsIn(await read(bytes))).toHaveLength(500);
    await expect(read(bytes.subarray(0, -3))).rejects.toThrow(SeedFileError);
  });
});

describe("a list that is cut off", () => {
  it("has a defect wherever it ends", async () => {
    const whole = '[{"PK":"a","SK":1},{"PK":"b","SK":2}]';
    for (let end = 1; end < whole.length; end += 1) {
      expect(defectsIn(await read(whole.slice(0, end)))).toHaveLength(1);
    }
  });
});
