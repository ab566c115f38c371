import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { SeedFormatError } from "../../src/seed/errors.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import type { SeedFormat } from "../../src/seed/file/formats.ts";
import { MAX_PIECE_BYTES } from "../../src/seed/file/piece.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import type { SeedRecord } from "../../src/seed/file/records.ts";
import { design, seedFile } from "./support.ts";

async function read(content: string | Buffer, format?: SeedFormat) {
  const records: SeedRecord[] = [];
  for await (const record of readSeedFile({ files: [seedFile(content)], format }, design))
    records.push(record);
  return {
    items: records.flatMap((record) => (record.kind === "item" ? [record.item] : [])),
    lines: records.map(({ line }) => line),
    defects: records.flatMap((record) => (record.kind === "defect" ? record.defects : [])),
  };
}

const HEADER = "PK:S,SK:N,v:S";

describe("rows below a typed header", () => {
  it("become items with every type, digit and character kept", async () => {
    const content =
      '\ufeffPK:S,SK:N,s:S,b:B,t:BOOL,z:NULL,ss:SS,ns:NS,bs:BS,"a:b:JSON"\r\n' +
      'é,9007199254740993,"a ""b"",\r\nc",aGk=,true,null,"[""x"",""y""]","[1, ""2.50""]","[""aGk=""]","{""m"": [1e2, {""$stringSet"": [""q""]}]}"\r\n' +
      "\n" +
      '\\,-1.50E+3,"",,,,,,,\n' +
      " z , 1 ,,,,,,,,";
    const { items, lines, defects } = await read(content);
    expect(defects).toEqual([
      { line: 6, column: 5, reason: expect.stringMatching(/^SK is no number as JSON has it: " 1 "/) },
    ]);
    expect(lines).toEqual([2, 5, 6]);
    expect(items).toEqual([
      {
        PK: { S: "é" },
        SK: { N: "9007199254740993" },
        s: { S: 'a "b",\r\nc' },
        b: { B: new Uint8Array(Buffer.from("hi")) },
        t: { BOOL: true },
        z: { NULL: true },
        ss: { SS: ["x", "y"] },
        ns: { NS: ["1", "2.50"] },
        bs: { BS: [new Uint8Array(Buffer.from("hi"))] },
        "a:b": { M: { m: { L: [{ N: "1e2" }, { SS: ["q"] }] } } },
      },
      { PK: { S: "\\" }, SK: { N: "-1.50E+3" }, s: { S: "" } },
    ]);
  });

  it("may stand between tabs, and be compressed", async () => {
    const { items } = await read(gzipSync('PK:S\tSK:N\tv:S\na\t1\tx,y\n"b\tc"\t2\t\n'));
    expect(items).toEqual([
      { PK: { S: "a" }, SK: { N: "1" }, v: { S: "x,y" } },
      { PK: { S: "b\tc" }, SK: { N: "2" } },
    ]);
  });

  it("may be none", async () => {
    expect(await read(HEADER)).toEqual({ items: [], lines: [], defects: [] });
    expect(await read("", "csv")).toEqual({ items: [], lines: [], defects: [] });
  });

  it("lie across chunks in any way", async () => {
    const rows = Array.from(
      { length: 4_000 },
      (_, index) => `k${index},${index},"${"ü,\n".repeat(index % 60)}"\r\n`,
    );
    const { items, defects } = await read(`${HEADER}\r\n${rows.join("")}`);
    expect(defects).toEqual([]);
    expect(items).toHaveLength(4_000);
    expect(items.at(-1)).toEqual({ PK: { S: "k3999" }, SK: { N: "3999" }, v: { S: "ü,\n".repeat(39) } });
  });
});

describe("a defect of a row", () => {
  it.each<[string, string, [number, number | undefined], RegExp]>([
    ["a cell too many", "b,2,x,y", [3, 7], /has 4 cells; the header has 3/],
    ["a cell too few", "b,2", [3, undefined], /has 2 cells; the header has 3/],
    ["a word for a number", "b,two,x", [3, 3], /SK is no number/],
    ["a number with leading zeros", "b,007,x", [3, 3], /SK is no number/],
    ["a number of 39 digits", `b,1${"0".repeat(37)}1,x`, [3, 3], /a number of 39 digits/],
    ["an empty key", '"",2,x', [3, 1], /must not be empty/],
    ["a missing key", ",2,x", [3, undefined], /PK is the partition key of the table, and is missing/],
    ["a missing key behind blank lines", "\r\n\n,2,x", [5, undefined], /is missing/],
  ])("%s has its place", async (_, row, [line, column], reason) => {
    const { items, defects } = await read(`${HEADER}\na,1,x\n${row}\nc,3,x\n`);
    expect(defects).toEqual([{ line, ...(column && { column }), reason: expect.stringMatching(reason) }]);
    expect(items).toHaveLength(2);
  });

  it.each<[string, string, RegExp]>([
    ["B", "YQ", /v is not base64/],
    ["BOOL", "yes", /v must be true or false/],
    ["NULL", "0", /v must be null/],
    ["SS", '"[""a"",""a""]"', /v\[1\] stands in the set twice/],
    ["SS", "a", /v is not JSON/],
    ["SS", "[]", /v is an empty set/],
    ["NS", '"[1,""x""]"', /v\[1\] is not a number/],
    ["JSON", '"{""a"":1,""a"":2}"', /name "a" stands twice/],
    ["JSON", '"1,""w"":2"', /v is not JSON/],
    ["JSON", '"{}} {"', /v is not JSON/],
    ["JSON", "[".repeat(100_000), /v is nested too deep/],
    ["JSON", "", /never/],
  ])("%s: %s", async (type, cell, reason) => {
    const { items, defects } = await read(`PK:S,SK:N,v:${type}\na,1,${cell}\n`);
    if (cell === "") expect(items).toHaveLength(1);
    else expect(defects).toEqual([{ line: 2, column: 5, reason: expect.stringMatching(reason) }]);
  });

  it("is told with all the others of its row, also behind quoted line breaks", async () => {
    const { defects } = await read(`PK:S,SK:N,t:BOOL,s:SS,n:N\n"a\n\n😀",x,y,[],1e999\n`);
    expect(defects.map(({ line, column }) => [line, column])).toEqual([
      [4, 5],
      [4, 7],
      [4, 9],
      [4, 12],
    ]);
  });

  it("is a byte that is not UTF-8, in its cell", async () => {
    const bad = Buffer.concat([
      Buffer.from(`${HEADER}\na,1,`),
      Buffer.from([0xff]),
      Buffer.from("\nb,2,x\n"),
    ]);
    const { items, defects } = await read(bad);
    expect(defects).toEqual([{ line: 2, column: 5, reason: "v is not valid UTF-8" }]);
    expect(items).toHaveLength(1);
  });

  it("is a key that stands there twice", async () => {
    const file = seedFile(`${HEADER}\na,1,x\n"b\n",1,x\na,1.0,y\n`);
    expect((await checkSeedFile(file, design)).defects).toEqual([
      { line: 5, reason: "has the same key as line 2" },
    ]);
  });

  it.each<[string, string, [number, number], RegExp]>([
    ["a quote that is not closed", 'b,2,"x\nc,3,y\n', [3, 5], /is not closed; nothing after this was read/],
    ["a quote that is closed too early", 'b,2,"x"y\nc,3,z', [3, 5], /closed before its end.*nothing after/],
    [
      "a quote that is closed before a NUL",
      'b,2,"x"\0\nc,3,z',
      [3, 5],
      /closed before its end.*nothing after/,
    ],
    ["a quote inside a cell", '\nb,2,x"y"\nc,3,z', [4, 5], /has a quote inside.*nothing after/],
    ["a row without an end", `b,2,"${"x".repeat(MAX_PIECE_BYTES)}`, [3, 5], /longer than 8 MB; nothing/],
    ["a row of cells without an end", `b,2${",x".repeat(MAX_PIECE_BYTES / 2)}`, [3, 1], /longer than 8 MB/],
  ])("%s ends the reading", async (_, rest, [line, column], reason) => {
    const { items, defects } = await read(`${HEADER}\na,1,x\n${rest}`);
    expect(items).toHaveLength(1);
    expect(defects).toEqual([{ line, column, reason: expect.stringMatching(reason) }]);
  });
});

describe("a header", () => {
  it("is told with everything that is wrong in it", async () => {
    const { items, defects } = await read("PK,SK:N,age:M,SK:S,:S\na,1,2,3,4\n", "csv");
    expect(items).toEqual([]);
    expect(defects).toEqual([
      {
        line: 1,
        column: 1,
        reason: expect.stringMatching(/^"PK" has no type: write it like PK:S, with one of S, N, /),
      },
      { line: 1, column: 9, reason: expect.stringContaining('"age:M" has no type: write it like age:S') },
      { line: 1, column: 15, reason: expect.stringContaining('"SK" stands there twice') },
      { line: 1, column: 20, reason: expect.stringContaining("no row below it was read") },
    ]);
  });

  it.each<[string, number]>([
    ["PK:S,SK:N,age\na,1,2\n", 1],
    ["\n\nPK:S\tSK:N\tlast, first\na\t1\tx\n", 1],
    ['"PK:S",SK:N\na,1\n', 0],
  ])("%j is known by its types", async (content, defects) => {
    expect((await read(content)).defects).toHaveLength(defects);
  });

  it.each([
    ["PK,SK\na,1\n", /no header whose columns have types, such as PK:S,SK:N/],
    ["PK:S\na\n", /could be a header of CSV or of TSV/],
    ["PK:S,SK:S\tv:S\na,b\tc\n", /could be a header of CSV or of TSV/],
  ])("%j is asked for", async (content, reason) => {
    await expect(read(content)).rejects.toThrow(SeedFormatError);
    await expect(read(content)).rejects.toMatchObject({
      message: expect.stringMatching(reason),
      next: expect.stringMatching(/--format: .*csv, tsv/),
    });
  });
});
