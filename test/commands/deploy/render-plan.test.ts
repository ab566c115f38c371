import { describe, expect, it } from "vitest";
import { renderEstimate, renderTree } from "../../../src/commands/deploy/render-plan.ts";
import { estimateCost } from "../../../src/deploy/cost/estimate-cost.ts";
import { PRICES } from "../../../src/deploy/cost/price-table.ts";
import { planTree } from "../../../src/deploy/plan/plan-tree.ts";
import { createStyle } from "../../../src/log.ts";
import { autoscaledTable, surroundings } from "../../deploy/stack.ts";

const layout = { width: 80, style: createStyle(false) };
const stack = [...autoscaledTable(5, 100), ...surroundings()];

describe("the tree as text", () => {
  const lines = renderTree(planTree(stack), layout);

  it("has no line that a screen of 80 columns would break", () => {
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("says what matters of each type", () => {
    const text = lines.join("\n");
    for (const part of [
      "photos dynamodb.Table",
      "ignores     readCapacity, writeCapacity, globalSecondaryIndexes",
      "errors cloudwatch.MetricAlarm  a value of SystemErrors, UserErrors > 10",
      "seeder iam.RolePolicy  actions 2",
      "photos kms.Key protected  rotation yes",
      "consumer lambda.Function  runtime nodejs22.x, MB 256",
      "other ssm.Parameter  name /other",
    ]) {
      expect(text).toContain(part);
    }
  });
});

describe("the estimate as text", () => {
  const estimateIn = (region: string, width = layout.width) => {
    const traffic = { readsPerSecond: 100, writesPerSecond: 10, storageGb: 20 };
    const estimate = estimateCost(stack, { region, table: "prod-photos", traffic });
    return renderEstimate(estimate, { ...layout, width });
  };

  it("fits a screen of 50 columns, with each amount at its right", () => {
    const lines = estimateIn("us-east-1", 50);
    expect(lines.filter((line) => line.length > 50)).toEqual([]);
    const amounts = (of: readonly string[]) =>
      of.flatMap((line) => /\s(\d[\d,]*\.\d\d)$/.exec(line)?.[1] ?? []);
    expect(amounts(lines)).toEqual(amounts(estimateIn("us-east-1")));
    expect(amounts(lines).length).toBeGreaterThan(5);
  });

  it("fits 80 columns and says what it was made from", () => {
    const lines = estimateIn("us-east-1");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const text = lines.join(" ");
    expect(text).toContain(PRICES.asOf);
    expect(text).toContain("for 100 reads and 10 writes a second and 20 GB in prod-photos");
  });

  it("has no sum where no prices are known, and says for which regions they are", () => {
    const text = estimateIn("sa-east-1").join(" ");
    expect(text).not.toContain("total");
    expect(text).toContain("no prices are known for sa-east-1");
    expect(text).toContain("for us-east-1, eu-west-1");
  });
});
