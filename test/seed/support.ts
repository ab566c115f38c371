import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { onTestFinished } from "vitest";
import { canonicalKey } from "../../src/dynamo/canonical-item.ts";
import { itemBytes } from "../../src/dynamo/item-size.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import type { TableDesign } from "../../src/dynamo/table-design.ts";
import { ReadItem, wireOf } from "../../src/seed/file/seed-item.ts";

/** A table with a sort key of numbers and an index: every rule about keys applies. */
export const design: TableDesign = {
  model: "seeded",
  partitionKey: { name: "PK", type: "S" },
  sortKey: { name: "SK", type: "N" },
  indexes: {
    ByOwner: { partitionKey: { name: "owner", type: "S" }, projection: "ALL" },
  },
};

/** A folder that is gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tablewright-seed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A seed file with this content. */
export function seedFile(content: string | Buffer): string {
  const file = join(temporaryFolder(), "items.json");
  writeFileSync(file, content);
  return file;
}

/** A plain value as JSON text; a number is given as its text in an object `{number}`. */
export function jsonText(value: unknown): string {
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([name, entry]) => `${JSON.stringify(name)}:${jsonText(entry)}`)
      .join(",")}}`;
  }
  return JSON.stringify(value);
}

/** A JSON number by its text. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The same plain value as an attribute value, by a converter that is not the reader's. */
export function attributeOf(value: unknown): AttributeValue {
  if (value instanceof NumberText) return { N: value.text };
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: itemOf(value as object) };
}

/** A plain object as an item. */
export function itemOf(object: object): StoredItem {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, attributeOf(value)]));
}

/** An item as the reader hands it on, at a line. */
export function seedItem(item: StoredItem, line = 1): ReadItem {
  const partition = canonicalKey(item, ["PK"]);
  const key = "SK" in item ? canonicalKey(item, ["PK", "SK"]) : partition;
  const bytes = itemBytes(item);
  return new ReadItem({ line, source: undefined, wire: wireOf(item), partition, key, bytes, writeUnits: 1 });
}

/** Numbers that DynamoDB keeps, with up to 38 digits. */
export const numberText = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.stringMatching(/^[1-9][0-9]{0,37}$/),
    fc.integer({ min: -100, max: 60 }),
  )
  .map(([sign, digits, power]) => new NumberText(`${sign}${digits}e${power}`));

const attributeName = fc
  .string({ minLength: 1, maxLength: 8, unit: "grapheme" })
  .filter((name) => !["PK", "SK", "owner", "__proto__"].includes(name));

const { value: plainValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({ unit: "grapheme" }),
    numberText,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(attributeName, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** Plain items of {@link design}, no two with the same key. */
export const plainItems = fc.uniqueArray(
  fc
    .record({
      key: fc.record({ PK: fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }), SK: numberText }),
      owner: fc.option(fc.string({ minLength: 1, maxLength: 5 }), { nil: undefined }),
      rest: fc.dictionary(attributeName, plainValue, { maxKeys: 5, noNullPrototype: true }),
    })
    .map(({ key, owner, rest }) => ({ ...key, ...(owner !== undefined && { owner }), ...rest })),
  { minLength: 1, maxLength: 40, selector: ({ PK, SK }) => `${PK} ${Number(SK.text)}` },
);

const { stored } = fc.letrec<{ stored: AttributeValue }>((tie) => ({
  stored: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({ unit: "grapheme" }).map((S) => ({ S })),
    numberText.map(({ text: N }) => ({ N })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true }),
    fc.uint8Array({ maxLength: 6 }).map((B) => ({ B })),
    fc.uniqueArray(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 4 }).map((SS) => ({ SS })),
    fc
      .uniqueArray(numberText, { minLength: 1, maxLength: 4, selector: ({ text }) => Number(text) })
      .map((numbers) => ({ NS: numbers.map(({ text }) => text) })),
    fc
      .uniqueArray(fc.uint8Array({ maxLength: 3 }), { minLength: 1, maxLength: 3, selector: String })
      .map((BS) => ({ BS })),
    fc.array(tie("stored"), { maxLength: 4 }).map((L) => ({ L })),
    fc
      .dictionary(attributeName, tie("stored"), { maxKeys: 4, noNullPrototype: true })
      .map((M) => ({ M }) as AttributeValue),
  ),
}));

/** Items of {@link design} with values of every type, no two with the same key. */
export const storedItems = fc.uniqueArray(
  fc
    .record({
      PK: fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
      SK: numberText,
      owner: fc.option(fc.string({ minLength: 1, maxLength: 5 }), { nil: undefined }),
      rest: fc.dictionary(attributeName, stored, { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
    })
    .map(
      ({ PK, SK, owner, rest }): StoredItem => ({
        PK: { S: PK },
        SK: { N: SK.text },
        ...(owner !== undefined && { owner: { S: owner } }),
        ...rest,
      }),
    ),
  { minLength: 4, maxLength: 20, selector: ({ PK, SK }) => `${PK?.S} ${Number(SK?.N)}` },
);

/** An item as a line of DynamoDB JSON, as an export has it. */
export function exportedLine(item: StoredItem): string {
  const asText = (_name: string, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
  return JSON.stringify({ Item: item }, asText);
}
