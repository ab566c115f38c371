import { DescribeTableCommand, type TableDescription } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ceilingsFor, parseRate } from "../../src/dynamo/pace/rate-limit.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { HeavyHitters } from "../../src/seed/plan/heavy-hitters.ts";
import { LoadProfile, type ResourceProfile } from "../../src/seed/plan/load-profile.ts";
import { planLoad } from "../../src/seed/plan/plan-load.ts";
import { loadBed } from "./load-bed.ts";
import { lines, makeStack, sharedProject } from "./stacks.ts";
import { design, seedFile } from "./support.ts";

describe("the heaviest keys of a stream", () => {
  const stream = fc.array(
    fc.tuple(
      fc.oneof(fc.constantFrom("hot", "warm"), fc.integer({ max: 60, min: 0 }).map(String)),
      fc.integer({ min: 1, max: 9 }),
    ),
    { maxLength: 400 },
  );

  it("are short of no more than the error, which is at most the whole by the size", () => {
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 12 }), (weights, size) => {
        const sketch = new HeavyHitters(size);
        const exact = new Map<string, number>();
        for (const [key, weight] of weights) {
          sketch.add(key, weight);
          exact.set(key, (exact.get(key) ?? 0) + weight);
        }
        const total = [...exact.values()].reduce((sum, weight) => sum + weight, 0);
        expect(sketch.error).toBeLessThanOrEqual(total / size);
        const top = sketch.top(Number.POSITIVE_INFINITY);
        expect(top.length).toBeLessThanOrEqual(size * 2);
        const told = new Map(top.map(({ key, weight }) => [key, weight]));
        for (const [key, weight] of exact) {
          const found = told.get(key) ?? 0;
          expect(found).toBeLessThanOrEqual(weight);
          expect(weight - found).toBeLessThanOrEqual(sketch.error);
        }
        if (exact.size <= size * 2) expect(sketch.error).toBe(0);
      }),
    );
  });
});

describe("the figures of a plan", () => {
  it("are what a real load is charged for, and its hottest keys those of the file", async () => {
    const { load, direct, table } = await loadBed();
    const keys = {
      ...design,
      indexes: {
        ByOwner: { partitionKey: { name: "owner", type: "S" as const }, projection: "ALL" as const },
      },
    };
    const big = "x".repeat(1_500);
    const text = Array.from({ length: 60 }, (_, index) => {
      const owner = index % 3 === 0 ? "" : `,"owner":"o${index % 2}"`;
      return `{"PK":"${index < 40 ? "hot" : `key-${index}`}","SK":${index}${owner},"text":"${index % 5 ? "" : big}"}`;
    }).join("\n");
    const file = seedFile(text);
    const profile = new LoadProfile(keys);
    const checked = await checkSeedFile(file, keys, { onItem: (item) => profile.add(item) });
    const { Table: description = {} } = await direct.send(new DescribeTableCommand({ TableName: table }));
    const resources = profile.resources();
    const sum = resources.reduce((units, { writeUnits }) => units + writeUnits, 0);
    expect(sum).toBe(checked.writeUnits);
    const { consumedWriteUnits } = await load(file);
    expect(sum).toBe(consumedWriteUnits);
    const [ofTable, ofIndex] = resources;
    expect(ofTable).toMatchObject({ items: 60, error: 0, hottest: { 0: { key: "hot", count: 40 } } });
    expect(ofIndex).toMatchObject({ index: "ByOwner", items: 40 });
    expect(ofIndex?.hottest.map(({ key }) => key).sort()).toEqual(["o0", "o1"]);
    expect(
      planLoad({ resources, description, ceilings: ceilingsFor({}, description) }).resources,
    ).toHaveLength(2);
  });
});

const ON_DEMAND: TableDescription = {
  TableArn: "arn:aws:dynamodb:us-east-1:1:table/t",
  BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
};
const profileOf = (writeUnits: number, hottest: number): ResourceProfile => ({
  index: undefined,
  items: writeUnits,
  writeUnits,
  partitionKey: "PK",
  hottest: [{ key: "hot", weight: hottest, count: hottest }],
  error: 0,
});
const planOf = (profile: ResourceProfile, description: TableDescription, rate?: string) =>
  planLoad({
    resources: [profile],
    description,
    ceilings: ceilingsFor(rate === undefined ? {} : parseRate([rate]), description),
  });

describe("how long a load takes, and what for", () => {
  it("goes by 4,000 units a second of a new table, where nothing else is known", () => {
    const { seconds, resources, price } = planOf(profileOf(8_000_000, 10), ON_DEMAND);
    expect(seconds).toBe(2_000);
    expect(resources[0]).toMatchObject({
      pace: { unitsPerSecond: 4_000, basis: "newTable" },
      warmThroughputNeeded: undefined,
      isCappedByKey: false,
    });
    expect(price.onDemand).toBeCloseTo(5, 6);
    expect(price.provisioned).toMatchObject({ writeUnitsPerSecond: 4_000, hours: 1 });
    expect(price.provisioned.dollars).toBeCloseTo(2.6, 6);
  });

  it("a rate above the warm throughput wants it set; one below does not", () => {
    const WarmThroughput = { WriteUnitsPerSecond: 10_000 };
    const warm = { ...ON_DEMAND, WarmThroughput };
    expect(planOf(profileOf(100_000, 1), warm, "20000wcu").resources[0]).toMatchObject({
      atOnce: { unitsPerSecond: 10_000, basis: "warmThroughput" },
      warmThroughputNeeded: 20_000,
    });
    const slower = planOf(profileOf(100_000, 1), warm, "9000wcu").resources[0];
    expect(slower?.warmThroughputNeeded).toBeUndefined();
    const unwarmed = planOf(profileOf(100_000, 1), ON_DEMAND, "9000wcu").resources[0];
    expect(unwarmed?.warmThroughputNeeded).toBe(9_000);
  });

  it("provisioned capacity and an on-demand maximum hold it", () => {
    const provisioned = { ProvisionedThroughput: { WriteCapacityUnits: 50 }, TableArn: ON_DEMAND.TableArn };
    expect(planOf(profileOf(1_000, 1), provisioned as TableDescription)).toMatchObject({ seconds: 20 });
    const limited = { ...ON_DEMAND, OnDemandThroughput: { MaxWriteRequestUnits: 100 } };
    expect(planOf(profileOf(1_000, 1), limited)).toMatchObject({
      seconds: 10,
      resources: [{ pace: { basis: "onDemandMaximum" }, warmThroughputNeeded: undefined }],
    });
    expect(planOf(profileOf(1_000, 1), limited, "200wcu")).toMatchObject({
      resources: [{ isThrottled: true, warmThroughputNeeded: undefined }],
    });
  });

  it("one partition key alone may take longer than all the others together", () => {
    const capped = planOf(profileOf(100_000, 60_000), ON_DEMAND);
    expect(capped).toMatchObject({
      seconds: 60,
      resources: [{ isCappedByKey: true, hottestKeySeconds: 60 }],
    });
    expect(planOf(profileOf(100_000, 20_000), ON_DEMAND)).toMatchObject({
      seconds: 25,
      resources: [{ isCappedByKey: false }],
    });
  });
});

const project = sharedProject();

describe("seed --dry-run", () => {
  it("tells of the live table; keys are hidden where it is redacted", async () => {
    const { plan } = await makeStack(project.root);
    const { document, text } = await plan();
    expect(document).toMatchObject({
      dryRun: true,
      items: lines.length,
      resources: [{}, { index: "InvertedIndex" }],
    });
    expect(document.assumed).toBeUndefined();
    expect(text).toContain("the hottest values of PK:");
    expect(text).toContain("USER#");
    expect(text).toMatch(/the proof reads about \d+ read units/);
    const hidden = await plan({ redact: true });
    expect(JSON.stringify(hidden)).not.toContain("USER#");
  });

  it("leaves out what --duplicates leaves out, of the figures and of the hottest keys", async () => {
    const { plan } = await makeStack(project.root);
    const twice = seedFile(`${lines[0]}${lines.slice(0, 3).join("")}`);
    const left = await plan({}, { files: [twice], duplicates: "first" });
    const alone = await plan({}, { files: [seedFile(lines.slice(0, 3).join(""))] });
    const { source: _, ...figures } = alone.document;
    expect(left.document).toMatchObject({ ...figures, superseded: 1 });
    expect(left.text).toContain("; 1 other superseded");
  });

  it("assumes a new table where there is none, and says so", async () => {
    const { plan } = await makeStack(project.root, { deployed: false });
    const { document, text } = await plan();
    expect(document).toMatchObject({
      assumed: expect.stringContaining("table"),
      price: { region: "us-east-1" },
    });
    expect(text).toContain("assumed: a new table on demand");
    expect(text).toContain("4,000 a second, what a new on-demand table takes at once");
  });
});
