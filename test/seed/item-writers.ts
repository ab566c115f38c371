import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { itemOf, jsonText, NumberText, plainItems } from "./support.ts";

export const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** DynamoDB JSON, by a writer that shares nothing with the reader. */
const tagged = (value: AttributeValue): unknown => {
  if (value.L) return { L: value.L.map(tagged) };
  if (value.M) return { M: taggedItem(value.M) };
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64) };
  return value;
};
const taggedItem = (item: StoredItem) =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, tagged(value)]));

export const plain = (value: AttributeValue): unknown => {
  if (value.L) return value.L.map(plain);
  if (value.M) return plainItem(value.M);
  if (value.B) return { $binary: base64(value.B) };
  if (value.SS) return { $stringSet: value.SS };
  if (value.NS) return { $numberSet: value.NS.map((text) => new NumberText(text)) };
  if (value.BS) return { $binarySet: value.BS.map(base64) };
  if (value.N !== undefined) return new NumberText(value.N);
  return value.S ?? value.BOOL ?? null;
};
export const plainItem = (item: StoredItem) =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));

/** JSON over several lines, as people have it. */
const pretty = (value: unknown) => jsonText(value).replace(/^\{/, "{\r\n  ").replace(/\}$/, "\n}");

/** Texts of items, by how they are written: JSON of any kind. */
export const JSON_WRITERS: Readonly<Record<string, (items: readonly StoredItem[]) => string>> = {
  "JSON lines": (items) => items.map((item) => `${jsonText(plainItem(item))}\n`).join(""),
  "a JSON list": (items) => `[\n${items.map((item) => jsonText(plainItem(item))).join(",\n")}\n]\n`,
  "a JSON list on one line": (items) => `[${items.map((item) => jsonText(plainItem(item))).join(",")}]`,
  "objects over several lines": (items) => items.map((item) => pretty(plainItem(item))).join("\n"),
  "an export's lines": (items) => items.map((item) => jsonText({ Item: taggedItem(item) })).join("\n"),
  "bare DynamoDB JSON": (items) => items.map((item) => jsonText(taggedItem(item))).join("\n"),
  "a list of DynamoDB JSON": (items) => `[${items.map((item) => pretty(taggedItem(item))).join(" , ")}]`,
};

/** Items with every type. */
export const items = fc
  .tuple(
    plainItems,
    fc.record({
      ss: fc.uniqueArray(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 4 }),
      ns: fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 4 }),
      b: fc.uint8Array({ maxLength: 9 }),
      bs: fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 5 }), {
        minLength: 1,
        maxLength: 3,
        selector: base64,
      }),
    }),
  )
  .map(([made, { ss, ns, b, bs }]) =>
    made.map((object, index): StoredItem => {
      const more = [{ SS: ss }, { NS: ns.map(String) }, { B: b }, { BS: bs }][index % 4] as AttributeValue;
      return { ...itemOf(object), "more types": more, deep: { L: [{ M: { inside: more } }] } };
    }),
  );

/** A zstd frame of one block that is stored as it is (RFC 8878, 3.1.1): Node 20 cannot compress to it. */
export function zstdFrame(content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length);
  const block = Buffer.alloc(4);
  block.writeUInt32LE((content.length << 3) | 1);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size, block.subarray(0, 3), content]);
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

/** A cell by itself, in the type that its column has. */
function cellOf(value: AttributeValue | undefined, type: string): string {
  if (value === undefined) return "";
  if (type === "JSON") return quoted(jsonText(plain(value)));
  if (value.B) return quoted(base64(value.B));
  if (value.N !== undefined) return value.N;
  return value.S === undefined ? String(value.BOOL ?? null) : quoted(value.S);
}

/** Items as cells: a column has a type of its own where all items have that type, else it is JSON. */
export function cellsText(delimiter: "," | "\t", made: readonly StoredItem[]): string {
  // A Map: an attribute may be called toString.
  const rowsOf = made.map((item) => new Map(Object.entries(item)));
  const names = [...new Set(made.flatMap((item) => Object.keys(item)))];
  const columns = names.map((name) => {
    const types = new Set(rowsOf.flatMap((row) => Object.keys(row.get(name) ?? {})));
    const [type = ""] = types;
    return { name, type: types.size === 1 && /^(S|N|B|BOOL|NULL)$/.test(type) ? type : "JSON" };
  });
  const rows = rowsOf.map((row) =>
    columns.map(({ name, type }) => cellOf(row.get(name), type)).join(delimiter),
  );
  return [columns.map(({ name, type }) => quoted(`${name}:${type}`)).join(delimiter), ...rows].join("\r\n");
}
