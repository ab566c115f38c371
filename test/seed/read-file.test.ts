import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SeedFileError } from "../../src/seed/errors.ts";
import { checkSeedFile, MAX_LISTED_DEFECTS } from "../../src/seed/file/check-seed-file.ts";
import { MAX_PIECE_BYTES } from "../../src/seed/file/piece.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import type { SeedRecord } from "../../src/seed/file/records.ts";
import { design, seedFile, temporaryFolder } from "./support.ts";

async function read(content: string | Buffer): Promise<SeedRecord[]> {
  const records: SeedRecord[] = [];
  for await (const record of readSeedFile(seedFile(content), design)) records.push(record);
  return records;
}

async function defectsOf(content: string | Buffer) {
  return (await checkSeedFile(seedFile(content), design)).defects;
}

describe("a line", () => {
  it("becomes an item with every digit and type kept", async () => {
    const line =
      '{"PK":"a","SK":9007199254740993,"n":0.12345678901234567890123,"e":-1.50E+3,"t":true,"z":null,' +
      '"l":[1,"x",[]],"m":{"S":"not a type","deep":{}},"u":"\\u00e9\\ud83d\\ude00","":0}'.replace(
        ',"":0',
        "",
      );
    const [record] = await read(line);
    expect(record).toMatchObject({
      kind: "item",
      line: 1,
      item: {
        PK: { S: "a" },
        SK: { N: "9007199254740993" },
        n: { N: "0.12345678901234567890123" },
        e: { N: "-1.50E+3" },
        t: { BOOL: true },
        z: { NULL: true },
        l: { L: [{ N: "1" }, { S: "x" }, { L: [] }] },
        m: { M: { S: { S: "not a type" }, deep: { M: {} } } },
        u: { S: "é😀" },
      },
    });
  });

  const ok = '"PK":"a","SK":1';
  const deep = (levels: number) => `{${ok},"d":${"[".repeat(levels)}${"]".repeat(levels)}}`;

  it.each<[string, string, number | undefined, RegExp]>([
    ["is not JSON", `{${ok},}`, 18, /not JSON/],
    ["ends early", `{${ok}`, 17, /not JSON/],
    ["is a list", `[{${ok}}]`, 1, /not a JSON object/],
    ["is a number", "12", 1, /not a JSON object/],
    ["has two objects", `{${ok}} {${ok}}`, 19, /not JSON/],
    ["names twice", `{${ok},"a":1,"a":1}`, 24, /name "a" stands twice/],
    ["names twice, spelled two ways", `{${ok},"a":1,"\\u0061":2}`, 24, /name "a" stands twice/],
    ["names twice inside", `{${ok},"m":[{"a":1,"a":1}]}`, 30, /name "a" stands twice/],
    ["has no partition key", '{"SK":1}', undefined, /PK is the partition key of the table, and is missing/],
    ["has no sort key", '{"PK":"a"}', undefined, /SK is the sort key of the table, and is missing/],
    [
      "has a key of another type",
      '{"PK":"a","SK":"1"}',
      11,
      /SK is the sort key of the table, which must be a number/,
    ],
    ["has an empty key", '{"SK":1,"PK":""}', 9, /must not be empty/],
    ["has a null key", '{"PK":null,"SK":1}', 2, /must be a string/],
    ["has a long key", `{"PK":"${"x".repeat(2049)}","SK":1}`, 2, /2049 bytes; DynamoDB takes 2048/],
    ["has an index key of another type", `{${ok},"owner":5}`, 18, /index ByOwner, which must be a string/],
    ["has an empty index key", `{${ok},"owner":""}`, 18, /must not be empty/],
    ["has a number of 39 digits", `{${ok},"n":1${"0".repeat(37)}1}`, 18, /n is a number of 39 digits/],
    ["has a large number", `{${ok},"a":{"n":[1e126]}}`, 18, /a\.n\[0\] is a number outside/],
    ["has a small number", `{${ok},"n":1e-131}`, 18, /outside DynamoDB's range/],
    ["has a number beyond all exponents", `{${ok},"n":1e${"9".repeat(400)}}`, 18, /outside DynamoDB's range/],
    ["has an empty name", `{${ok},"":1}`, 18, /empty attribute name/],
    ["has a name that is lost in JavaScript", `{${ok},"m":{"__proto__":1}}`, 18, /cannot carry/],
    ["has half a surrogate pair", `{${ok},"t":"\\ud83d"}`, 18, /not valid Unicode/],
    ["is nested 33 levels deep", deep(32), 18, /d is nested more than 32 levels deep/],
    ["is nested beyond every stack", deep(200_000), undefined, /levels deep/],
    [
      "has more than 400 KB",
      `{${ok},"t":"${"x".repeat(409_600)}"}`,
      undefined,
      /409608 bytes; DynamoDB takes 409600/,
    ],
    [
      "is longer than any item",
      `{${ok},"t":"${" ".repeat(MAX_PIECE_BYTES)}"}`,
      undefined,
      /longer than 8 MB/,
    ],
  ])("that %s is a defect", async (_, line, column, reason) => {
    const good = `{"PK":"good","SK":1}`;
    const defects = await defectsOf(`${good}\n${line}\n{"PK":"also good","SK":1}\n`);
    expect(defects).toEqual([{ line: 2, column, reason: expect.stringMatching(reason) }]);
  });

  it("has every one of its defects reported", async () => {
    const defects = await defectsOf('{"PK":1,"SK":"x","n":1e999,"t":"\\udc00"}');
    expect(defects.map(({ column }) => column)).toEqual([18, 28, 2, 9]);
  });
});

describe("a file", () => {
  const lines = ['{"PK":"é","SK":1}', '{"PK":"b","SK":2}', '{"PK":"c","SK":3}'];

  it.each([
    ["plain", `${lines.join("\n")}\n`, [1, 2, 3]],
    ["without a last line end", lines.join("\n"), [1, 2, 3]],
    ["with a byte order mark", `\ufeff${lines.join("\n")}`, [1, 2, 3]],
    ["with CRLF", `${lines.join("\r\n")}\r\n`, [1, 2, 3]],
    ["with blank lines", `\n${lines.join("\n \n\t\r\n")}\n\n`, [2, 5, 8]],
    ["empty", "", []],
  ])("%s is read", async (_, content, expected) => {
    const records = await read(content);
    expect(records.map(({ kind, line }) => `${kind} ${line}`)).toEqual(
      expected.map((line) => `item ${line}`),
    );
  });

  it("with lines across chunks is read whole", async () => {
    const many = Array.from(
      { length: 3_000 },
      (_, index) => `{"PK":"k${index}","SK":1,"t":"${"ü".repeat(index % 500)}"}`,
    );
    const records = await read(many.join("\n"));
    expect(records).toHaveLength(3_000);
    expect(records.every((record) => record.kind === "item")).toBe(true);
    expect(records.at(-1)).toMatchObject({ line: 3_000, key: '["S","k2999"],["N","1e0"]' });
  });

  it("with bytes that are not UTF-8 is told where", async () => {
    const bad = Buffer.concat([Buffer.from('{"PK":"ä'), Buffer.from([0xff]), Buffer.from('","SK":1}')]);
    expect(await defectsOf(bad)).toEqual([{ line: 1, column: 9, reason: "is not valid UTF-8" }]);
  });

  it("that is not there is a clear error", async () => {
    const file = join(temporaryFolder(), "nowhere.json");
    await expect(checkSeedFile(file, design)).rejects.toThrow(SeedFileError);
  });

  it("with a key twice is told both lines, however the number is spelled", async () => {
    const content =
      '{"PK":"a","SK":1}\n{"PK":"b","SK":1}\n\n{"SK":10e-1,"PK":"a","other":true}\n{"PK":"a","SK":1.0}\n';
    expect(await defectsOf(content)).toEqual([
      { line: 4, reason: "has the same key as line 1" },
      { line: 5, reason: "has the same key as line 1" },
    ]);
  });

  it("with more defects than are listed has all of them in a file", async () => {
    const file = seedFile("");
    for (let line = 1; line <= 250; line += 1) appendFileSync(file, `{"PK":"","SK":${line}}\n`);
    const defectsFile = join(temporaryFolder(), "deep", "defects.jsonl");
    const report = await checkSeedFile(file, design, { defectsFile });
    expect(report).toMatchObject({ items: 0, defectCount: 250, defectsFile });
    expect(report.defects).toHaveLength(MAX_LISTED_DEFECTS);
    const written = readFileSync(defectsFile, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).line);
    expect(written).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
  });

  it("is counted in items, bytes and write units, indexes included", async () => {
    const content = `{"PK":"a","SK":1}\n{"PK":"b","SK":1,"owner":"me","t":"${"x".repeat(1024)}"}\n`;
    const report = await checkSeedFile(seedFile(content), design);
    expect(report).toMatchObject({
      items: 2,
      itemBytes: 7 + 7 + 7 + 1025,
      writeUnits: 1 + 2 + 2,
      defectCount: 0,
    });
  });
});
