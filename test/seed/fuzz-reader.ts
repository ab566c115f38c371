import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { LosslessNumber, parse } from "lossless-json";
import { canonicalItem } from "../../src/dynamo/canonical-item.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { SeedFormatError } from "../../src/seed/errors.ts";
import type { SeedFormat } from "../../src/seed/file/formats.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import type { Defect } from "../../src/seed/file/records.ts";
import { design, seedFile } from "./support.ts";

/** What a strict reading finds: one entry a line, value or row, undefined where it is nothing that can be read. */
interface StrictReading {
  readonly parts: readonly (unknown | undefined)[];
  /** Nothing of the text stands behind or between the parts. */
  readonly isWhole: boolean;
}

const strictJson = (text: string): unknown => {
  try {
    JSON.parse(text);
    // Names twice are the reader's to refuse: here the last one stays.
    return parse(text, undefined, { onDuplicateKey: ({ newValue }) => newValue });
  } catch {
    return undefined;
  }
};

function linesOf(text: string): StrictReading {
  const lines = text.split("\n").filter((line) => !/^[ \t\r]*$/.test(line));
  return { parts: lines.map((line) => strictJson(line)), isWhole: true };
}

/** The end of the value that begins at a place, found by trying every end it may have. */
function endOfValue(text: string, begin: number): number | undefined {
  const closing = { "{": "}", "[": "]", '"': '"' }[text[begin] as string];
  if (closing === undefined) {
    const [word = ""] = /^[^\s[\]{},"]*/.exec(text.slice(begin)) ?? [];
    return strictJson(word) === undefined ? undefined : begin + word.length;
  }
  for (let end = text.indexOf(closing, begin + 1); end !== -1; end = text.indexOf(closing, end + 1)) {
    if (strictJson(text.slice(begin, end + 1)) !== undefined) return end + 1;
  }
  return undefined;
}

function valuesOf(text: string): StrictReading {
  const parts: unknown[] = [];
  const skip = (at: number) => at + (/^[ \t\r\n]*/.exec(text.slice(at))?.[0].length ?? 0);
  let at = skip(0);
  const isList = text[at] === "[";
  if (isList) at = skip(at + 1);
  if (isList && text[at] === "]") return { parts, isWhole: skip(at + 1) === text.length };
  while (at < text.length) {
    const end = endOfValue(text, at);
    if (end === undefined) return { parts, isWhole: false };
    parts.push(strictJson(text.slice(at, end)));
    at = skip(end);
    if (!isList) continue;
    if (text[at] === "]") return { parts, isWhole: skip(at + 1) === text.length };
    if (text[at] !== ",") return { parts, isWhole: false };
    at = skip(at + 1);
  }
  return { parts, isWhole: !isList };
}

/** Rows by one regular expression (RFC 4180), as attributes; undefined where a row is none. */
function rowsOf(text: string): StrictReading {
  const rows: { cell: string; isQuoted: boolean }[][] = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\n]*?))(,|\r?\n|$)/y;
  let isWhole = true;
  while (isWhole && pattern.lastIndex < text.length) {
    const [found, inQuotes, bare = "", end] = pattern.exec(text) ?? [];
    isWhole = found !== undefined;
    if (!isWhole) break;
    rows.at(-1)?.push({ cell: inQuotes?.replaceAll('""', '"') ?? bare, isQuoted: inQuotes !== undefined });
    if (end === "," && pattern.lastIndex === text.length) rows.at(-1)?.push({ cell: "", isQuoted: false });
    if (end !== "," && end !== "") rows.push([]);
  }
  if (!isWhole) rows.pop();
  const isBlank = (row: Cells) => row.length < 2 && !row[0]?.cell && !row[0]?.isQuoted;
  const [header = [], ...others] = rows.filter((row) => !isBlank(row));
  return { parts: others.flatMap((row) => rowPart(header, row)), isWhole };
}

type Cells = readonly { readonly cell: string; readonly isQuoted: boolean }[];

function rowPart(header: Cells, row: Cells): (object | undefined)[] {
  if (row.length !== header.length) return [undefined];
  const entries = row.flatMap(({ cell, isQuoted }, index) => {
    const { cell: column = "" } = header[index] ?? {};
    const name = column.slice(0, column.lastIndexOf(":"));
    const type = column.slice(column.lastIndexOf(":") + 1);
    if (cell === "" && !isQuoted) return [];
    const value = type === "S" ? cell : type === "SS" ? { $stringSet: strictJson(cell) } : strictJson(cell);
    return [[name, value] as const];
  });
  return [Object.fromEntries(entries)];
}

const entriesOf = (object: unknown) => Object.entries(object as object);
const bytesOf = (text: unknown) => new Uint8Array(Buffer.from(String(text), "base64"));

/** An attribute of plain JSON, by a converter that shares nothing with the reader. */
function plainOf(value: unknown): AttributeValue {
  if (value instanceof LosslessNumber) return { N: value.toString() };
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null || value === undefined) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(plainOf) };
  const [[tag, inside] = []] = entriesOf(value);
  if (tag === "$stringSet") return { SS: inside as string[] };
  if (tag === "$binary") return { B: bytesOf(inside) };
  return { M: plainItem(value) };
}
const plainItem = (value: unknown): StoredItem =>
  Object.fromEntries(entriesOf(value).map(([name, inside]) => [name, plainOf(inside)]));

function taggedOf(value: unknown): AttributeValue {
  const [[tag, inside] = []] = entriesOf(value);
  if (tag === "B") return { B: bytesOf(inside) };
  if (tag === "L") return { L: (inside as unknown[]).map(taggedOf) };
  if (tag === "M") return { M: taggedItem(inside) };
  return value as AttributeValue;
}
const taggedItem = (value: unknown): StoredItem =>
  Object.fromEntries(entriesOf(value).map(([name, inside]) => [name, taggedOf(inside)]));
const envelopedItem = (value: unknown): StoredItem => {
  const names = Object.keys(value as object);
  return taggedItem(names.length === 1 && names[0] === "Item" ? (value as { Item: object }).Item : value);
};

interface Subject {
  readonly format: SeedFormat;
  readonly text: string;
  /** The ways in which it may be read: one of them must agree. */
  readonly readings: readonly ((text: string) => StrictReading)[];
  readonly itemOf: (part: unknown) => StoredItem;
}

const PLAIN =
  '{"PK":"a","SK":1,"t":"x\\"y\\u00e9"}\r\n{"PK":"é😀","SK":-2.50e3,"l":[1,{"m":null}],"s":{"$stringSet":["p","q"]}}\n\n{"SK":3,"PK":"c","b":{"$binary":"aGk="},"owner":"o"}';
const TAGGED =
  '{"Item":{"PK":{"S":"a"},"SK":{"N":"1"},"b":{"B":"aGk="}}}\n{"Item":{"PK":{"S":"b"},"SK":{"N":"2"},"l":{"L":[{"NULL":true},{"M":{"x":{"SS":["p","q"]}}}]}}}\n';

/** One text in each way of writing, with its strict reading. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  "JSON lines": { format: "json-lines", text: PLAIN, readings: [linesOf], itemOf: plainItem },
  "a list": {
    format: "json",
    text: `[${PLAIN.replace("\r\n", ",\r\n").replace("\n\n", ",\n")}\n]`,
    readings: [valuesOf],
    itemOf: plainItem,
  },
  objects: { format: "json", text: PLAIN.replaceAll(",", "\n,"), readings: [valuesOf], itemOf: plainItem },
  "DynamoDB JSON": {
    format: "dynamodb-json",
    text: TAGGED,
    readings: [linesOf, valuesOf],
    itemOf: envelopedItem,
  },
  CSV: {
    format: "csv",
    text: 'PK:S,SK:N,t:S,j:JSON,s:SS\r\na,1,"x, ""y""\n",{},\n\n"é😀",-2.50e3,"","{""m"":[1,null]}","[""p"",""q""]"\nc,3,,true,',
    readings: [rowsOf],
    itemOf: plainItem,
  },
};

const FRAGMENTS = [
  ...'"{}[],:\\\n\r\t1xé-.0eE \0',
  '{"PK":"a","SK":1}',
  '"SK":',
  "\\u",
  "\ud83d\ude00",
  '""',
  "null",
];
const changes = fc.array(
  fc.record({ at: fc.nat(), remove: fc.nat(3), put: fc.constantFrom("", ...FRAGMENTS) }),
  { minLength: 1, maxLength: 4 },
);

function changed(text: string, list: readonly { at: number; remove: number; put: string }[]): string {
  return list.reduce((before, { at, remove, put }) => {
    const place = at % (before.length + 1);
    return before.slice(0, place) + put + before.slice(place + remove);
  }, text);
}

/** A defect's place lies in the input; behind the last character counts, for what is missing there. */
function isInside(text: string, { line, column = 1 }: Defect): boolean {
  const length = text.split("\n")[line - 1]?.length;
  return length !== undefined && column >= 1 && column <= length + 1;
}

/**
 * Reads inputs that differ here and there from one that is sound: what is accepted is what a strict
 * reading of the same text finds at its place, and what is refused has a place inside the text.
 */
export async function fuzzReader(name: keyof typeof SUBJECTS, runs: number): Promise<void> {
  const { format, text: base, readings, itemOf } = SUBJECTS[name] as Subject;
  const file = seedFile("");
  const met = { items: 0, defects: 0 };
  const readAll = async (text: string, strict: StrictReading) => {
    let index = 0;
    let hasDefect = false;
    for await (const record of readSeedFile({ files: [file], format }, design)) {
      if (record.kind === "item") {
        met.items += 1;
        const part = strict.parts[index];
        assert.notEqual(part, undefined, text);
        assert.equal(canonicalItem(record.item), canonicalItem(itemOf(part)), text);
      } else {
        met.defects += 1;
        hasDefect = true;
        for (const defect of record.defects)
          assert(isInside(text, defect), `${JSON.stringify(defect)} ${text}`);
      }
      index += 1;
    }
    if (hasDefect) return;
    assert.equal(index, strict.parts.length, text);
    assert(strict.isWhole, text);
  };
  const property = fc.asyncProperty(changes, async (list) => {
    const text = changed(base, list);
    writeFileSync(file, text);
    const content = Buffer.from(text).toString("utf8");
    let failure: unknown;
    for (const read of readings) {
      failure = await readAll(content, read(content)).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) return;
    }
    // The one format whose layout is looked for: what begins with neither bracket has none.
    if (!(failure instanceof SeedFormatError && format === "dynamodb-json")) throw failure;
  });
  await fc.assert(property, { numRuns: runs });
  // Both must be met, or nothing was shown.
  assert(Math.min(met.items, met.defects) > runs / 4, JSON.stringify(met));
}
