import { describe, expect, it } from "vitest";
import { type IamRequest, isAllowed, matches, type PolicyStatement } from "./iam.ts";

const allow = (statement: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: "Allow",
  Action: ["dynamodb:GetItem"],
  Resource: ["arn:t"],
  ...statement,
});
const request = (given: Partial<IamRequest> = {}): IamRequest => ({
  action: "dynamodb:GetItem",
  resource: "arn:t",
  ...given,
});

describe("a policy", () => {
  it.each([
    { says: "nothing of it", statements: [], allowed: false },
    { says: "just that", statements: [allow()], allowed: true },
    { says: "another action", statements: [allow({ Action: ["dynamodb:Scan"] })], allowed: false },
    { says: "another resource", statements: [allow({ Resource: ["arn:t/index/i"] })], allowed: false },
    {
      says: "it by wildcards",
      statements: [allow({ Action: ["dynamodb:Get*"], Resource: ["arn:?"] })],
      allowed: true,
    },
    { says: "it, and denies it", statements: [allow(), allow({ Effect: "Deny" })], allowed: false },
    {
      says: "it, and denies another",
      statements: [allow(), allow({ Effect: "Deny", Action: ["dynamodb:Scan"] })],
      allowed: true,
    },
  ])("that says $says: $allowed", ({ statements, allowed }) => {
    expect(isAllowed({ Statement: statements }, request())).toBe(allowed);
  });

  it.each<{ condition: NonNullable<PolicyStatement["Condition"]>; k: string | string[]; allowed: boolean }>([
    { condition: { StringEquals: { k: "a" } }, k: "a", allowed: true },
    { condition: { StringEquals: { k: ["b", "a"] } }, k: "a", allowed: true },
    { condition: { StringEquals: { k: "a*" } }, k: "ab", allowed: false },
    { condition: { StringLike: { k: "a*" } }, k: "ab", allowed: true },
    { condition: { StringEquals: { k: "a" } }, k: [], allowed: false },
    { condition: { Null: { k: "false" } }, k: [], allowed: false },
    { condition: { Null: { k: "false" } }, k: "a", allowed: true },
    { condition: { "ForAllValues:StringEquals": { k: "a" } }, k: ["a", "b"], allowed: false },
    { condition: { "ForAllValues:StringEquals": { k: "a" } }, k: [], allowed: true },
    { condition: { "ForAnyValue:StringLike": { k: "a*" } }, k: ["b", "ab"], allowed: true },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable.
    { condition: { StringEquals: { k: "u#${who}" } }, k: "u#ana", allowed: true },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable.
    { condition: { StringEquals: { k: "u#${whom}" } }, k: "u#", allowed: false },
  ])("under $condition, of $k: $allowed", ({ condition, k, allowed }) => {
    const statement = allow({ Condition: condition });
    expect(isAllowed({ Statement: [statement] }, request({ context: { k, who: "ana" } }))).toBe(allowed);
  });

  it("with an operator that is not known here is not judged", () => {
    const statement = allow({ Condition: { DateLessThan: { k: "2030-01-01" } } });
    expect(() => isAllowed({ Statement: [statement] }, request())).toThrow("DateLessThan");
  });

  it("takes only stars and question marks for more than themselves", () => {
    expect(matches("a.b", "axb")).toBe(false);
    expect(matches("a+(b)*", "a+(b)cd")).toBe(true);
  });
});
