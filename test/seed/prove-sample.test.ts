import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import type { Proof } from "../../src/seed/prove/proof.ts";
import { keyOf, numbered, type PlainItem, proofBed, put } from "./prove-bed.ts";
import { itemOf, NumberText } from "./support.ts";

const keysOf = ({ differences }: Proof) => differences.map(({ key }) => key.PK?.S).sort();

describe("a sampled proof", () => {
  it("says sampled, with how many of how many, by consistent reads of their keys and no scan", async () => {
    const { prove, proxy } = await proofBed(numbered(400), numbered(400), []);
    const proof = await prove({ sample: { percent: 25, seed: 7 } });
    expect(proof).toMatchObject({
      status: "sampled",
      scope: "contained",
      missing: 0,
      different: 0,
      extra: 0,
      sample: { percent: 25, seed: 7, of: 400 },
    });
    // Drawn from 400 by 25 %: 100 with a deviation of 9.
    const looked = proof.sample?.items ?? 0;
    expect(looked).toBeGreaterThan(60);
    expect(looked).toBeLessThan(140);
    expect(proof.readUnits).toBe(looked);
    const requests = proxy?.requests ?? [];
    expect(new Set(requests.map(({ operation }) => operation))).toEqual(new Set(["BatchGetItem"]));
    for (const { body } of requests)
      expect(Object.values(body.RequestItems ?? {})).toMatchObject([{ ConsistentRead: true }]);
  });

  it("draws the same keys by the same seed, others by another, and more of them by a larger share", async () => {
    const { prove } = await proofBed(numbered(100), []);
    const drawn = async (percent: number, seed: number) => keysOf(await prove({ sample: { percent, seed } }));
    const ten = await drawn(10, 1);
    expect(ten.length).toBeGreaterThan(0);
    expect(await drawn(10, 1)).toEqual(ten);
    expect(await drawn(10, 2)).not.toEqual(ten);
    expect(await drawn(40, 1)).toEqual(expect.arrayContaining(ten));
    expect(await drawn(100, 1)).toHaveLength(100);
  });

  it("looks at one item at least, the first that a larger share would have, and at none of an empty file", async () => {
    const { prove } = await proofBed(numbered(5), []);
    const one = await prove({ sample: { percent: 0.001, seed: 3 } });
    expect(one).toMatchObject({ status: "different", missing: 1, sample: { items: 1, of: 5 } });
    const empty = await (await proofBed([])).prove({ sample: { percent: 50, seed: 3 } });
    expect(empty).toMatchObject({ status: "sampled", sample: { items: 0, of: 0 } });
  });

  it("finds what is missing and different, with its line; never what is extra", async () => {
    const inFile = numbered(30);
    const { client, table, prove } = await proofBed(inFile);
    const [gone, other] = [itemOf(inFile[3] as PlainItem), itemOf({ ...inFile[7], v: "y" })];
    await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(gone) }));
    await put(client, table, other);
    await put(client, table, { PK: { S: "stranger" }, SK: { N: "1" } });
    const proof = await prove({ sample: { percent: 100, seed: 0 } });
    expect(proof).toMatchObject({ status: "different", missing: 1, different: 1, extra: 0 });
    expect([...proof.differences].sort((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: "different", key: keyOf(other), line: 8 },
      { kind: "missing", key: keyOf(gone), line: 4 },
    ]);
  });

  it("leaves out what applied migrations wrote", async () => {
    const inFile = numbered(6);
    const migrated = inFile.map((item) => ({ ...item, count: new NumberText("2") }));
    const { prove } = await proofBed(inFile, migrated);
    const leftOut = [{ where: { PK: { beginsWith: "key-" } }, attributes: ["count"] }];
    const sample = { percent: 100, seed: 0 };
    expect(await prove({ sample, leftOut })).toMatchObject({ status: "sampled", leftOut: [{ items: 6 }] });
    expect(await prove({ sample })).toMatchObject({ status: "different", different: 6 });
  });

  it("reads a difference once more before it counts", async () => {
    const inFile = numbered(1);
    const late: StoredItem = itemOf(inFile[0] as PlainItem);
    // The first look finds nothing there; by the second the item has arrived.
    const empty = { kind: "answer", answer: () => ({ Responses: {}, UnprocessedKeys: {} }) } as const;
    const { prove, proxy } = await proofBed([{ PK: late.PK?.S, SK: new NumberText("0"), v: "x" }], inFile, [
      { operation: "BatchGetItem", nth: 1, fault: empty },
    ]);
    expect(await prove({ sample: { percent: 100, seed: 0 } })).toMatchObject({ status: "sampled" });
    expect(proxy?.requests).toHaveLength(2);
  });
});
