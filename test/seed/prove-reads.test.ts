import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { readCostText } from "../../src/commands/seed/text.ts";
import { describeTable } from "../../src/dynamo/describe.ts";
import { estimateReads, type ReadTerms } from "../../src/seed/prove/read-cost.ts";
import { numbered, proofBed } from "./prove-bed.ts";
import { temporaryFolder } from "./support.ts";

const MB = 1024 * 1024;
const onAws = (fields: Partial<TableDescription> = {}): TableDescription => ({
  TableName: "photos",
  TableArn: "arn:aws:dynamodb:eu-west-1:111122223333:table/photos",
  TableSizeBytes: 400 * MB,
  BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
  GlobalSecondaryIndexes: [{ IndexName: "Inverted", IndexSizeBytes: 40 * MB }],
  ...fields,
});
const terms = (fields: Partial<ReadTerms> = {}): ReadTerms => ({
  description: onAws(),
  checked: { items: 1_000, itemBytes: 4 * MB },
  wasEmpty: false,
  countsIndexes: true,
  ...fields,
});

describe("what a proof will read", () => {
  it("goes by DescribeTable's sizes, and says how old they are, with the price", () => {
    // 400 MB / 4 KB = 102,400 and one for each segment of 2 MB; half of that for 40 MB of the index.
    const estimate = estimateReads(terms());
    expect(estimate).toMatchObject({ units: 102_600 + 5_130, indexUnits: 5_130, basis: "table" });
    expect(estimate.dollars).toBeCloseTo((107_730 * 0.1415) / 1e6);
    expect(readCostText(estimate)).toBe(
      "the proof reads about 107,730 read units, 5,130 of them for its indexes, about $0.015 on demand in eu-west-1 (prices of 2026-08-15), by DescribeTable's sizes, up to six hours old; more where it finds differences",
    );
  });

  it("goes by the file where the table was empty, or where its size is older than the items", () => {
    const index = 512 + 2;
    for (const known of [{ wasEmpty: true }, { description: onAws({ TableSizeBytes: 0 }) }])
      expect(estimateReads(terms(known))).toMatchObject({ units: 1_028 + index, basis: "file" });
    expect(estimateReads(terms({ wasEmpty: true, countsIndexes: false }))).toMatchObject({
      units: 1_028,
      indexUnits: 0,
    });
  });

  it("is one read an item and 4 KB for a sample", () => {
    // 4,195 bytes an item on average.
    const sample = { percent: 2.5, seed: 1 };
    expect(estimateReads(terms({ sample }))).toMatchObject({ units: 50, indexUnits: 0, basis: "file" });
    const few = { checked: { items: 1_000, itemBytes: 250_000 }, sample };
    expect(estimateReads(terms(few)).units).toBe(25);
    expect(estimateReads(terms({ ...few, checked: { items: 3, itemBytes: 9 } })).units).toBe(1);
    expect(estimateReads(terms({ ...few, checked: { items: 0, itemBytes: 0 } })).units).toBe(0);
  });

  it("has no price on a local engine, nor where none is known, nor where capacity is provisioned", async () => {
    const { client, table } = await proofBed([]);
    const local = (await describeTable(client, table)) as TableDescription;
    expect(readCostText(estimateReads(terms({ description: local })))).not.toContain("$");
    const far = onAws({ TableArn: "arn:aws:dynamodb:sa-east-1:111122223333:table/photos" });
    expect(readCostText(estimateReads(terms({ description: far })))).toContain(
      "no price is known for sa-east-1",
    );
    const provisioned = onAws({ BillingModeSummary: { BillingMode: "PROVISIONED" } });
    expect(readCostText(estimateReads(terms({ description: provisioned })))).toContain("provisioned");
  });
});

describe("a proof that may read so much only", () => {
  it("is stopped where it has read more, and says what it read", async () => {
    const other = numbered(20).map((item) => ({ ...item, v: "y" }));
    const { prove, proxy } = await proofBed(numbered(20), other, []);
    // The sample's 20 items are a unit each; what differs of them is not read again any more.
    const stopped = await prove({ sample: { percent: 100, seed: 1 }, maxReadUnits: 5 });
    expect(stopped).toMatchObject({ status: "indeterminate", different: 0, readUnits: 20 });
    expect(stopped.message).toContain("stopped after 20 read units, as --max-read-units allows 5");
    expect(proxy?.requests).toHaveLength(1);
  });

  it("stops a scan between its pages", async () => {
    const { prove, proxy } = await proofBed(numbered(20), numbered(19), []);
    const stopped = await prove({ segments: 1, maxReadUnits: 0.4 });
    expect(stopped).toMatchObject({ status: "indeterminate", scope: "exact" });
    // The first pass is one page; the second is not begun.
    expect(proxy?.requests.map(({ operation }) => operation)).toEqual(["Scan"]);
  });
});

describe("all differences", () => {
  const linesOf = (path: string) =>
    readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  it("are in a file, however many, as they are listed", async () => {
    const { prove } = await proofBed(numbered(250), numbered(20));
    const path = join(temporaryFolder(), "sub", "differences.jsonl");
    const proof = await prove({ differences: { path } });
    expect(proof).toMatchObject({ status: "different", missing: 230, differencesFile: path });
    expect(proof.differences).toHaveLength(100);
    const written = linesOf(path);
    expect(written).toHaveLength(230);
    expect(written).toContainEqual({ kind: "missing", key: { PK: "key-249", SK: "249" }, line: 250 });
  });

  it("show kinds instead of values where they are redacted, and there is no file where there are none", async () => {
    const path = join(temporaryFolder(), "differences.jsonl");
    const { prove } = await proofBed(numbered(2), numbered(1));
    const { differencesFile = "" } = await prove({ differences: { path, redact: true } });
    expect(linesOf(differencesFile)).toEqual([
      { kind: "missing", key: { PK: "<string>", SK: "<number>" }, line: 2 },
    ]);
    const equal = await (await proofBed(numbered(2))).prove({ differences: { path: `${path}.none` } });
    expect(equal).not.toHaveProperty("differencesFile");
    expect(() => readFileSync(`${path}.none`)).toThrow("ENOENT");
  });
});
