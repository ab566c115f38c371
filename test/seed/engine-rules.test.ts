import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemBytes } from "../../src/dynamo/item-size.ts";
import { MAX_ITEM_BYTES } from "../../src/dynamo/limits.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { refusalOfNumber } from "../../src/seed/file/attribute-values.ts";
import { createTestTable, testClient } from "../support/tables.ts";
import { attributeOf, design, plainItems } from "./support.ts";

const key: StoredItem = { PK: { S: "p" }, SK: { N: "1" } };

async function setUp() {
  const { client } = testClient();
  return { client, table: await createTestTable(client, design) };
}

async function takes(client: DynamoDBClient, table: string, rest: StoredItem): Promise<boolean> {
  try {
    await client.send(new PutItemCommand({ TableName: table, Item: { ...key, ...rest } }));
    return true;
  } catch (error) {
    if ((error as Error).name !== "ValidationException") throw error;
    return false;
  }
}

describe("the rules of the reader are those of the engine", () => {
  it("for numbers at and beyond the limits", async () => {
    const { client, table } = await setUp();
    const digits = fc.stringMatching(/^[0-9]{1,41}$/);
    const number = fc
      .tuple(
        digits,
        fc.option(digits),
        fc.oneof(fc.integer({ min: -140, max: 140 }), fc.integer({ min: -3, max: 3 })),
      )
      .map(([whole, fraction, power]) => `${whole}${fraction === null ? "" : `.${fraction}`}e${power}`);
    await fc.assert(
      fc.asyncProperty(number, async (text) => {
        expect(await takes(client, table, { n: { N: text } })).toBe(refusalOfNumber(text) === undefined);
      }),
      { numRuns: 60, examples: [["9.99e125"], ["1e126"], ["1e-130"], ["9.9e-131"], ["0e500"]] },
    );
  });

  const repeated = (value: StoredItem[string]) => (count: number) => ({ L: Array(count).fill(value) });
  it.each<[string, (count: number) => StoredItem[string]]>([
    ["text", (count) => ({ S: "x".repeat(count) })],
    ["text of three bytes a character", (count) => ({ S: "€".repeat(count) })],
    ["booleans", repeated({ BOOL: true })],
    ["odd digits", repeated({ N: "123" })],
    ["a minus", repeated({ N: "-123" })],
    ["fractions", repeated({ N: "1.5" })],
    ["trailing zeros", repeated({ N: "1000" })],
    ["zero", repeated({ N: "0" })],
    ["maps", repeated({ M: { a: { NULL: true } } })],
    ["empty lists", repeated({ L: [] })],
  ])("for the size of an item of %s, to the byte", async (_, make) => {
    const { client, table } = await setUp();
    const sizeWith = (count: number) => itemBytes({ ...key, a: make(count) });
    const each = (sizeWith(1_001) - sizeWith(1)) / 1_000;
    const most = Math.floor((MAX_ITEM_BYTES - sizeWith(0)) / each);
    // The last bytes are filled up with text, so that one more is too many.
    const filled = { a: make(most - 1), z: { S: "" } };
    const padding = MAX_ITEM_BYTES - itemBytes({ ...key, ...filled });
    expect(await takes(client, table, { ...filled, z: { S: "y".repeat(padding) } })).toBe(true);
    expect(await takes(client, table, { ...filled, z: { S: "y".repeat(padding + 1) } })).toBe(false);
  });

  it("for every item that the generator of these tests makes", async () => {
    const { client, table } = await setUp();
    await fc.assert(
      fc.asyncProperty(plainItems, async ([item = {}]) => {
        const { PK, SK, ...rest } = item as Record<string, unknown>;
        const stored = Object.fromEntries(
          Object.entries(rest).map(([name, value]) => [name, attributeOf(value)]),
        );
        expect(await takes(client, table, stored)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
