import { describe, expect, it } from "vitest";
import { enforcementOf, policies } from "../../../infra/policies/rules/index.ts";
import { policyOf, runPolicies } from "../../support/policies.ts";
import { evaluate, type Overrides } from "../evaluate.ts";
import { EXAMPLES } from "./examples.ts";

const idOf = (name: string) => name.split("--")[0] ?? name;

describe.each(Object.entries(EXAMPLES))("the policy %s", (id, { passes, fails }) => {
  it.each(Object.entries(passes))("lets pass: %s", async (_, resources) => {
    expect(await runPolicies(resources, [policyOf(id)])).toEqual([]);
  });

  it.each(Object.entries(fails))("stops: %s", async (_, resources) => {
    const violations = await runPolicies(resources, [policyOf(id)]);
    expect(violations.length).toBeGreaterThan(0);
    for (const { message, resource } of violations) {
      expect(message).toMatch(/^The .* (must|allows) .*\.$|should have /);
      expect(resource).toBeDefined();
    }
  });
});

describe("the policies", () => {
  it("have examples, both ways, each of them", () => {
    expect(policies.map(({ name }) => idOf(name)).sort()).toEqual(Object.keys(EXAMPLES).sort());
    for (const { passes, fails } of Object.values(EXAMPLES)) {
      expect(Object.keys(passes).length * Object.keys(fails).length).toBeGreaterThan(0);
    }
  });

  it("have names that Pulumi takes, each once, with the ids of the controls", () => {
    const names = policies.map(({ name }) => name);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9-_.]{1,100}$/);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain("dynamodb-pitr--DynamoDB.2--CKV_AWS_28--CKV_AWS_165--AWS-0024");
  });

  it.each([
    ["dev", "advisory"],
    ["dev-alice", "advisory"],
    ["prod", "mandatory"],
    ["staging", "mandatory"],
    ["developer-portal", "mandatory"],
  ])("are, in the stack %s, %s", (stack, level) => {
    expect(enforcementOf(stack)).toBe(level);
  });
});

describe("over the evaluated program", () => {
  const violationsOf = async (stack: string, overrides?: Overrides) => {
    const { resources } = await evaluate(stack, overrides);
    return runPolicies(resources.filter(({ custom }) => custom));
  };
  const isAdvisory = (name: string) => policyOf(idOf(name)).enforcementLevel === "advisory";

  it("prod breaks no rule", async () => {
    const violations = await violationsOf("prod");
    expect(violations.filter(({ policy }) => !isAdvisory(policy))).toEqual([]);
    expect(violations.filter(({ resource }) => resource === "quick-photos")).toEqual([]);
  });

  it("dev breaks those that cost money or get in the way of throwing it away", async () => {
    const violations = await violationsOf("dev");
    expect([...new Set(violations.map(({ policy }) => idOf(policy)))].sort()).toEqual([
      "dynamodb-alarms",
      "dynamodb-customer-key",
      "dynamodb-deletion-protection",
      "dynamodb-in-backup-plan",
      "dynamodb-on-demand-caps",
      "dynamodb-protect",
      "dynamodb-scales",
      "tags",
    ]);
  });

  it("prod that gives up its safeguards breaks exactly the rules about them", async () => {
    const violations = await violationsOf("prod", {
      encryption: "aws-managed",
      pointInTimeRecoveryDays: "0",
      deletionProtection: "false",
    });
    const mandatory = violations.filter(({ policy }) => !isAdvisory(policy));
    expect([...new Set(mandatory.map(({ policy }) => idOf(policy)))].sort()).toEqual([
      "backup-vault-key",
      "dynamodb-customer-key",
      "dynamodb-deletion-protection",
      "dynamodb-pitr",
      "dynamodb-protect",
    ]);
  });
});
