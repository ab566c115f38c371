import { type AttributeValue, DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import { loadFile } from "../../src/seed/load/load-file.ts";
import { proveTable } from "../../src/seed/prove/prove-table.ts";
import { createTestTable, testClient, testWire } from "../support/tables.ts";
import { keyOf, put } from "./prove-bed.ts";
import { design, exportedLine, seedFile, storedItems } from "./support.ts";

/** Another value that DynamoDB does not hold for equal. Generated numbers are never 0. */
function otherThan(value: AttributeValue): AttributeValue {
  if (value.S !== undefined) return { S: `${value.S}x` };
  if (value.N !== undefined) return { N: value.N.startsWith("-") ? value.N.slice(1) : `-${value.N}` };
  if (value.BOOL !== undefined) return { BOOL: !value.BOOL };
  if (value.B !== undefined) return { B: Buffer.concat([value.B, Buffer.of(1)]) };
  if (value.SS !== undefined) return { SS: [...value.SS, `${value.SS.join()}x`] };
  if (value.NS !== undefined) return { NS: [...value.NS, "0"] };
  if (value.BS !== undefined) return { BS: [...value.BS, Buffer.alloc(9)] };
  if (value.L !== undefined) return { L: [...value.L, { NULL: true }] };
  if (value.M !== undefined) return { M: { ...value.M, "one more than before": { NULL: true } } };
  return { BOOL: false };
}

/** The number of values in a value, itself included. */
const sizeOf = (value: AttributeValue): number =>
  [...(value.L ?? []), ...Object.values(value.M ?? {})].reduce((sum, inner) => sum + sizeOf(inner), 1);

/** Changes the value that comes at a place, counted through lists and maps. */
function changeAt(value: AttributeValue, place: number): AttributeValue {
  if (place === 0) return otherThan(value);
  let left = place - 1;
  const change = (inner: AttributeValue): AttributeValue => {
    const isHere = left >= 0 && left < sizeOf(inner);
    const changed = isHere ? changeAt(inner, left) : inner;
    left -= sizeOf(inner);
    return changed;
  };
  if (value.L !== undefined) return { L: value.L.map(change) };
  const entries = Object.entries(value.M ?? {}).map(([name, inner]) => [name, change(inner)]);
  return { M: Object.fromEntries(entries) };
}

/** The same item with one value changed, at any depth; its key stays. */
function changed(item: StoredItem, at: number): StoredItem {
  const { PK, SK, ...rest } = item;
  const { M = {} } = changeAt({ M: rest }, at % sizeOf({ M: rest }));
  return { ...keyOf(item), ...M };
}

/** A number of another spelling and the same value: 123e-5 as 1.23e-3, and 1e5 as 10e4. */
function respelledNumber(text: string): string {
  const [, sign = "", digits = "", power = "0"] = /^(-?)(\d+)e(-?\d+)$/.exec(text) ?? [];
  if (digits.length === 1) return `${sign}${digits}0e${Number(power) - 1}`;
  return `${sign}${digits[0]}.${digits.slice(1)}e${Number(power) + digits.length - 1}`;
}

/** An equal value: numbers spelled otherwise, sets in another order. */
function respelled(value: AttributeValue): AttributeValue {
  if (value.N !== undefined) return { N: respelledNumber(value.N) };
  if (value.NS !== undefined) return { NS: value.NS.map(respelledNumber).reverse() };
  if (value.SS !== undefined) return { SS: [...value.SS].reverse() };
  if (value.BS !== undefined) return { BS: [...value.BS].reverse() };
  if (value.L !== undefined) return { L: value.L.map(respelled) };
  if (value.M !== undefined) return { M: respelledItem(value.M) };
  return value;
}

const respelledItem = (item: StoredItem): StoredItem =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, respelled(value)]));

const mutation = fc.record({
  kind: fc.constantFrom("missing", "extra", "different", "respelled"),
  at: fc.nat({ max: 1_000 }),
});

const difference = (kind: string, item: StoredItem) => JSON.stringify([kind, item.PK?.S, Number(item.SK?.N)]);

it("whatever is changed in a loaded table, at any depth, the proof names exactly those keys", async () => {
  const { client } = testClient();
  const writer = testWire();
  await fc.assert(
    fc.asyncProperty(
      storedItems,
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      async (items, mutations) => {
        const table = await createTestTable(client, design);
        const file = seedFile(items.map(exportedLine).join("\n"));
        const checked = await checkSeedFile(file, design);
        const load = { writer, table, keys: design, file, checked, rejectsFile: `${file}.rejects` };
        expect(await loadFile(load)).toMatchObject({ written: items.length, stop: undefined });

        const expected: string[] = [];
        for (const [index, { kind, at }] of mutations.entries()) {
          const item = items[index] as StoredItem;
          const stranger = { ...item, PK: { S: `no item of the file ${index}` } };
          if (kind === "missing")
            await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(item) }));
          else if (kind === "extra") await put(client, table, stranger);
          else if (kind === "different") await put(client, table, changed(item, at));
          else await put(client, table, respelledItem(item));
          if (kind !== "respelled") expected.push(difference(kind, kind === "extra" ? stranger : item));
        }
        const readFile = () => readSeedFile(file, design);
        const proof = await proveTable({ client, table, keys: design, readFile }, { scope: "exact" });
        expect(proof.status).toBe(expected.length === 0 ? "equal" : "different");
        expect(proof.differences.map(({ kind, key }) => difference(kind, key)).sort()).toEqual(
          expected.sort(),
        );
      },
    ),
    { numRuns: 20 },
  );
}, 60_000);
