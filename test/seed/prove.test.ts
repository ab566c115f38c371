import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import { proveTable } from "../../src/seed/prove/prove-table.ts";
import type { FaultRule } from "../faults/proxy.ts";
import { keyOf, numbered, type PlainItem, proofBed, put } from "./prove-bed.ts";
import { attributeOf, design, itemOf, jsonText, NumberText, plainItems, seedFile } from "./support.ts";

describe("a proof", () => {
  it("is equal where table and file hold the same, in any order and spelling of numbers", async () => {
    const inTable = numbered(300).map((item, index) => ({
      ...item,
      n: new NumberText("1.5"),
      i: index % 2 === 0,
    }));
    const inFile = inTable.map((item) => ({ ...item, n: new NumberText("150e-2") })).reverse();
    const { prove } = await proofBed(inFile, inTable);
    const nothing = { missing: 0, extra: 0, different: 0, differences: [], leftOut: [], indexes: [] };
    const readUnits = expect.any(Number);
    expect(await prove()).toEqual({ status: "equal", scope: "exact", ...nothing, readUnits });
  });

  it("of nothing against nothing is equal", async () => {
    expect(await (await proofBed([])).prove()).toMatchObject({ status: "equal", missing: 0, extra: 0 });
  });

  it("names what is missing, extra and different, with the line in the file", async () => {
    const inFile = numbered(50);
    const { client, table, prove } = await proofBed(inFile);
    await client.send(
      new DeleteItemCommand({ TableName: table, Key: keyOf(itemOf(inFile[3] as PlainItem)) }),
    );
    await put(client, table, itemOf({ ...inFile[7], v: "y" }));
    await put(client, table, { PK: { S: "stranger" }, SK: { N: "1" } });
    const proof = await prove();
    expect(proof).toMatchObject({ status: "different", missing: 1, extra: 1, different: 1 });
    expect([...proof.differences].sort((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: "different", key: { PK: { S: "key-7" }, SK: { N: "7" } }, line: 8 },
      { kind: "extra", key: { PK: { S: "stranger" }, SK: { N: "1" } }, line: undefined },
      { kind: "missing", key: { PK: { S: "key-3" }, SK: { N: "3" } }, line: 4 },
    ]);
  });

  it("allows extra items where the scope is contained, and counts them", async () => {
    const { prove } = await proofBed(numbered(30), numbered(80));
    expect(await prove({ scope: "contained" })).toMatchObject({
      status: "equal",
      extra: 50,
      differences: [],
    });
    expect(await prove({ scope: "exact" })).toMatchObject({ status: "different", extra: 50 });
  });

  it("counts every difference, however few buckets and rounds there are room for", async () => {
    const inFile = numbered(400);
    const inTable = [...inFile.slice(0, 300).map((item, index) => (index < 60 ? { ...item, v: "z" } : item))];
    const more = numbered(430).slice(400);
    const { prove } = await proofBed(inFile, [...inTable, ...more]);
    for (const room of [
      {},
      { buckets: 4 },
      { buckets: 64, itemsPerRound: 1 },
      { buckets: 1, itemsPerRound: 10 },
    ]) {
      const proof = await prove(room);
      expect(proof).toMatchObject({ status: "different", missing: 100, extra: 30, different: 60 });
      expect(proof.differences).toHaveLength(100);
    }
  });
});

describe("what applied migrations wrote", () => {
  const writes = [{ where: { PK: { beginsWith: "key-1" }, v: "x" }, attributes: ["count"] }];

  it("is left out on both sides and listed; any other difference is one", async () => {
    const inFile = numbered(30);
    const { client, table, prove } = await proofBed(inFile);
    const migrated = (index: number, extra: PlainItem) =>
      put(client, table, itemOf({ ...inFile[index], ...extra }));
    await migrated(1, { count: new NumberText("3") });
    await migrated(12, { count: new NumberText("4") });
    expect(await prove({ leftOut: writes })).toMatchObject({
      status: "equal",
      leftOut: [{ ...writes[0], items: 2 }],
    });
    expect(await prove()).toMatchObject({ status: "different", different: 2, leftOut: [] });
    // An item that the declaration does not mean, and an attribute that it does not name.
    await migrated(2, { count: new NumberText("1") });
    expect(await prove({ leftOut: writes })).toMatchObject({ status: "different", different: 1 });
    await migrated(12, { count: new NumberText("4"), other: "x" });
    expect(await prove({ leftOut: writes })).toMatchObject({ status: "different", different: 2 });
  });
});

describe("two steps that write to the same items", () => {
  it("are listed as one, with the attributes of both", async () => {
    const { prove } = await proofBed(numbered(3));
    const where = { PK: { beginsWith: "key-" } };
    const writes = [
      { where, attributes: ["zero", "v"] },
      { where, attributes: ["v", "mark"] },
    ];
    expect(await prove({ leftOut: writes })).toMatchObject({
      status: "equal",
      leftOut: [{ where, attributes: ["zero", "v", "mark"], items: 3 }],
    });
  });
});

describe("while it reads", () => {
  it("a difference that is gone when it is read again does not count", async () => {
    const inFile = numbered(20);
    const { client, table } = await proofBed(inFile);
    const late = itemOf(inFile[4] as PlainItem);
    await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(late) }));
    const file = seedFile(inFile.map(jsonText).join("\n"));
    let reads = 0;
    const proof = await proveTable(
      {
        client,
        table,
        keys: design,
        // The third time the file is read is the search for what is missing: the item arrives just before.
        readFile: async function* () {
          reads += 1;
          if (reads === 3) await put(client, table, late);
          yield* readSeedFile(file, design);
        },
      },
      { scope: "exact" },
    );
    expect(reads).toBe(3);
    expect(proof).toMatchObject({ status: "equal", missing: 0 });
  });

  it("throttles, lost answers and unprocessed keys are ridden out", async () => {
    const rules: FaultRule[] = [
      { operation: "Scan", probability: 0.3, fault: { kind: "throttle" } },
      { operation: "BatchGetItem", nth: 1, fault: { kind: "loseAnswer" } },
      { operation: "BatchGetItem", nth: [2, 3], fault: { kind: "unprocessedKeys", share: 0.7 } },
    ];
    const { prove, proxy } = await proofBed(numbered(150), numbered(100), rules);
    expect(await prove()).toMatchObject({ status: "different", missing: 50, extra: 0, different: 0 });
    expect(proxy?.requests.filter(({ operation }) => operation === "BatchGetItem").length).toBeGreaterThan(2);
  });

  it("a table that cannot be read leaves it open", async () => {
    const refusal = { kind: "error", name: "ProvisionedThroughputExceededException" } as const;
    const { prove } = await proofBed(numbered(3), numbered(3), [{ operation: "Scan", fault: refusal }]);
    expect(await prove({ retryDeadlineMs: 100 })).toMatchObject({
      status: "indeterminate",
      message: expect.stringContaining("could not be read to its end"),
    });
  });

  // The file is read once for the sums, once for what differs, and once for what is missing.
  it.each([1, 2, 3])("an interruption is heard while the file is read for the %i. time", async (nth) => {
    const inFile = numbered(60);
    const { client, table } = await proofBed(inFile, inFile.slice(0, 20));
    const file = seedFile(inFile.map(jsonText).join("\n"));
    const stop = new AbortController();
    let reads = 0;
    let records = 0;
    const readFile = async function* () {
      reads += 1;
      records = 0;
      for await (const record of readSeedFile(file, design)) {
        records += 1;
        if (reads === nth && records === 10) stop.abort(new Error("enough"));
        yield record;
      }
    };
    const proof = proveTable(
      { client, table, keys: design, readFile },
      { scope: "exact", signal: stop.signal },
    );
    await expect(proof).rejects.toThrow("enough");
    expect([reads, records]).toEqual([nth, 10]);
  });

  it("any other failure is an error", async () => {
    const refusal = { kind: "error", name: "AccessDeniedException" } as const;
    const { prove } = await proofBed(numbered(3), numbered(3), [{ operation: "Scan", fault: refusal }]);
    await expect(prove()).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

it("the test's own converter and the reader agree", async () => {
  await fc.assert(
    fc.asyncProperty(plainItems, async (items) => {
      const file = seedFile(items.map(jsonText).join("\n"));
      let index = 0;
      for await (const record of readSeedFile(file, design)) {
        expect(record).toMatchObject({ kind: "item", item: attributeOf(items[index]).M });
        index += 1;
      }
      expect(index).toBe(items.length);
    }),
  );
});
