import { describe, expect, it } from "vitest";
import { type EstimateOptions, estimateCost } from "../../../src/deploy/cost/estimate-cost.ts";
import type { DeclaredResource } from "../../../src/deploy/monitor.ts";
import { invertedIndex, plainInputs } from "../declare.ts";
import { autoscaledTable, declared, photosReplica, photosTable, surroundings } from "../stack.ts";

const TRAFFIC = { readsPerSecond: 100, writesPerSecond: 10, storageGb: 20 };
const estimate = (resources: readonly DeclaredResource[], options: Partial<EstimateOptions> = {}) =>
  estimateCost(resources, { region: "us-east-1", table: "prod-photos", traffic: TRAFFIC, ...options });
const itemsOf = (...args: Parameters<typeof estimate>) =>
  Object.fromEntries(
    estimate(...args).lines.map(({ item, monthly }) => [item, Math.round(monthly * 100) / 100]),
  );

// Seconds of a month of 730 hours: 2,628,000.
describe("what a table costs a month", () => {
  it("on demand: each read, each write of the table and of its index, what it stores", () => {
    expect(itemsOf(photosTable({ pointInTimeRecovery: { enabled: true } }))).toEqual({
      "table: reads": 32.85, // 262.8 million at 0.125
      "table: writes": 16.43, // 26.28 million at 0.625
      "InvertedIndex: writes": 16.43,
      storage: 10, // 40 GB at 0.25
      recovery: 4, // 20 GB at 0.20: indexes are not part of it
    });
  });

  it("not more than the limits of on-demand billing allow", () => {
    const limits = { onDemandThroughput: { maxReadRequestUnits: 50, maxWriteRequestUnits: 5 } };
    expect(itemsOf(photosTable(limits))).toMatchObject({ "table: reads": 16.43, "table: writes": 8.21 });
  });

  it("provisioned: by the units, used or not", () => {
    const capacity = { readCapacity: 10, writeCapacity: 10 };
    const table = photosTable({
      billingMode: "PROVISIONED",
      ...capacity,
      globalSecondaryIndexes: [{ ...invertedIndex, ...capacity }],
    });
    expect(itemsOf(table)).toMatchObject({
      "table: read units": 0.95, // 7,300 hours at 0.00013
      "table: write units": 4.75, // 7,300 hours at 0.00065
      "InvertedIndex: read units": 0.95,
      "InvertedIndex: write units": 4.75,
    });
  });

  it("autoscaled: what the traffic comes to, between the least and the most", () => {
    const { lines, monthly, range } = estimate(autoscaledTable(5, 150));
    const reads = lines.find(({ item }) => item === "table: read units");
    // 100 reads at 50 % are 200 units, and 150 are allowed; 10 writes are 20 units.
    expect(reads?.quantity).toBe("150 of 5 to 150");
    expect(reads?.monthly).toBeCloseTo(150 * 730 * 0.00013);
    expect(reads?.range).toEqual({ least: 5 * 730 * 0.00013, most: 150 * 730 * 0.00013 });
    expect(lines.find(({ item }) => item === "table: write units")?.quantity).toBe("20 of 5 to 150");
    expect(range.least).toBeLessThan(monthly);
    expect(range.most).toBeGreaterThan(monthly);
    expect(lines.find(({ resource }) => resource === "alarms")?.monthly).toBeCloseTo(1.6);
  });

  it("with a copy in another region: that region's prices for writes and storage", () => {
    const replicas = [{ regionName: "eu-west-1", pointInTimeRecovery: true }];
    expect(itemsOf(photosTable({ replicas }))).toMatchObject({
      "table: writes": 16.43,
      "table: writes in eu-west-1": 18.53, // 26.28 million at 0.705
      "InvertedIndex: writes in eu-west-1": 18.53,
      "storage in eu-west-1": 11.32,
      "recovery in eu-west-1": 4.4,
    });
    expect(itemsOf(photosTable({ replicas }))).not.toHaveProperty("table: reads in eu-west-1");
    const copy = photosReplica("eu-west-1", { pointInTimeRecovery: true });
    expect(itemsOf([copy, ...photosTable()])).toEqual(itemsOf(photosTable({ replicas })));
  });

  it("of the class for infrequent access: dearer requests, cheaper storage", () => {
    expect(itemsOf(photosTable({ tableClass: "STANDARD_INFREQUENT_ACCESS" }))).toMatchObject({
      "table: reads": 40.73,
      storage: 4,
    });
  });

  it("nothing where nobody uses it: the traffic is that of one table", () => {
    const other = declared("aws:dynamodb/table:Table", "other", plainInputs("prod-other"));
    expect(estimate([other]).lines).toEqual([]);
  });

  it("writes local indexes with the table, and recovers them", () => {
    const local = [{ name: "ByDate", rangeKey: "date", projectionType: "ALL" }];
    const attributes = ["PK", "SK", "date"].map((name) => ({ name, type: "S" }));
    const table = photosTable({
      attributes,
      localSecondaryIndexes: local,
      pointInTimeRecovery: { enabled: true },
    });
    expect(itemsOf(table)).toMatchObject({ "table: writes": 32.85, storage: 15, recovery: 8 });
  });
});

describe("what stands around a table costs", () => {
  it("keys, alarms by metric, backups by copy, the consumer by its batches", () => {
    const { lines } = estimate(surroundings());
    const cost = (resource: string) => lines.find((line) => line.resource === resource);
    expect(cost("photos")?.monthly).toBe(1);
    expect(cost("alarms")?.monthly).toBeCloseTo(0.3);
    expect(cost("watch")?.monthly).toBe(3);
    expect(cost("backups")).toMatchObject({ quantity: "35 copies of 20 GB", monthly: 70 });
    const call = 0.2 / 1_000_000 + 0.1 * 0.25 * 0.0000133334;
    expect(cost("consumer")?.monthly).toBeCloseTo(26_280_000 * call);
    expect(cost("consumer")?.range?.least).toBeCloseTo(262_800 * call);
  });

  it.each([
    ["cron(0 5 * * ? *)", 35],
    ["cron(0 5 ? * SUN *)", 5],
    ["cron(0 5 1 * ? *)", 1],
  ])("backups by %s keep %i copies in 35 days", (schedule, copies) => {
    const plan = declared("aws:backup/plan:Plan", "backups", {
      rules: [{ schedule, lifecycle: { deleteAfter: 35 } }],
    });
    expect(estimate([plan]).lines[0]?.quantity).toBe(`${copies} copies of 20 GB`);
  });

  it("what has no price is named, and not counted as nothing", () => {
    const { uncounted } = estimate(surroundings(), { region: "eu-west-1" });
    expect(uncounted).toContainEqual({
      resource: "backups",
      why: "backups: no price is known for this region",
    });
    expect(uncounted.map(({ resource }) => resource)).toEqual(expect.arrayContaining(["dead", "alarms"]));
    const far = estimate(photosTable({ replicas: [{ regionName: "sa-east-1" }] }));
    expect(far.uncounted).toContainEqual({
      resource: "prod-photos",
      why: "the copy in sa-east-1: no prices are known for this region",
    });
  });

  it("a region without prices has no sum at all", () => {
    const { priced, lines, monthly, uncounted } = estimate(photosTable(), { region: "sa-east-1" });
    expect({ priced, lines, monthly }).toEqual({ priced: false, lines: [], monthly: 0 });
    expect(uncounted).toEqual([{ resource: "everything", why: "no prices are known for sa-east-1" }]);
  });
});

it("the sum is what the lines come to", () => {
  const { lines, monthly } = estimate([...autoscaledTable(5, 100), ...surroundings()]);
  expect(lines.reduce((sum, line) => sum + line.monthly, 0)).toBeCloseTo(monthly);
});
