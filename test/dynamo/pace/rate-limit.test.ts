import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import {
  assertRateFits,
  ceilingsFor,
  describeCeilings,
  parseRate,
} from "../../../src/dynamo/pace/rate-limit.ts";

const NONE = Number.POSITIVE_INFINITY;

const provisioned: TableDescription = {
  TableName: "t",
  ProvisionedThroughput: { ReadCapacityUnits: 400, WriteCapacityUnits: 1_000 },
  GlobalSecondaryIndexes: [
    { IndexName: "GSI1", ProvisionedThroughput: { ReadCapacityUnits: 40, WriteCapacityUnits: 100 } },
  ],
};
const onDemand: TableDescription = {
  TableName: "t",
  ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
  GlobalSecondaryIndexes: [{ IndexName: "GSI1" }],
};
const capped: TableDescription = {
  ...onDemand,
  OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: 200 },
};

describe("a rate", () => {
  it("is units for a direction, a share for both, or none; later words win", () => {
    expect(parseRate(["500wcu"])).toEqual({ write: { units: 500 } });
    expect(parseRate(["50%", "200RCU"])).toEqual({ write: { percent: 50 }, read: { units: 200 } });
    expect(parseRate(["500wcu", "none"])).toEqual({ read: undefined, write: undefined });
  });

  it.each(["500", "0wcu", "-1wcu", "wcu", "101%", "0%", "fast", "", "1e3wcu"])("%j is refused", (word) => {
    expect(() => parseRate([word])).toThrow(/is no rate/);
  });

  it("in units holds for the table and for each index by itself", () => {
    const ceilings = ceilingsFor(parseRate(["500wcu"]), provisioned);
    expect(ceilings.table).toEqual({ write: 500, read: NONE });
    expect(ceilings.indexes.get("GSI1")).toEqual({ write: 500, read: NONE });
    expect(ceilings.otherIndexes.write).toBe(500);
    expect(describeCeilings(ceilings)).toBe("500 wcu");
  });

  it("as a share is taken of what each has, provisioned or as its on-demand maximum", () => {
    const ceilings = ceilingsFor(parseRate(["50%"]), provisioned);
    expect(ceilings.table).toEqual({ write: 500, read: 200 });
    expect(ceilings.indexes.get("GSI1")).toEqual({ write: 50, read: 20 });
    expect(describeCeilings(ceilings)).toBe("500 wcu, 200 rcu; GSI1 50 wcu, 20 rcu");
    expect(ceilingsFor(parseRate(["50%"]), capped).table).toEqual({ write: 100, read: NONE });
    expect(describeCeilings(ceilingsFor(parseRate(["50%"]), onDemand))).toBe("no limit");
  });

  it("as a share is refused where there is nothing to take a share of", () => {
    expect(() => assertRateFits(parseRate(["50%"]), provisioned)).not.toThrow();
    expect(() => assertRateFits(parseRate(["50%", "9rcu"]), capped)).not.toThrow();
    expect(() => assertRateFits(parseRate(["50%"]), capped)).toThrow(/maximum for reads, so/);
    expect(() => assertRateFits(parseRate(["50%"]), onDemand)).toThrow(/maximum for reads and writes, so/);
  });
});
