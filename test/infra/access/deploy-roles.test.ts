import { beforeAll, describe, expect, it } from "vitest";
import { DEPLOY_GRANTS } from "../../../infra/components/access/deploy-permissions.ts";
import { ROLES } from "../../../infra/components/access/permissions.ts";
import { SCRATCH_PREFIX } from "../../../infra/components/access/policy.ts";
import { userKey } from "../../../queries/quick-photos/keys.ts";
import type { Evaluation } from "../../../src/deploy/evaluate-program.ts";
import { SCRATCH_PREFIX as CHOSEN_PREFIX } from "../../../src/verify/scratch-request.ts";
import { evaluate, evaluateBare, named, ofType } from "../evaluate.ts";
import { type DeclaredRole, declaredRole, tableArn } from "./declared-roles.ts";
import { isAllowed } from "./iam.ts";

const PROVIDER = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com";
const GIVEN_PROVIDER = PROVIDER.replace("000000000000", "111111111111");
const GIVEN_KEY = "arn:aws:kms:us-east-1:111111111111:key/given";
/** AWS: IAM and STS quotas, "Role inline policies can't exceed 10,240 characters"; white space does not count. */
const MAX_INLINE_POLICY = 10_240;

const DATA_ROLES = Object.keys(ROLES);
const TOOL_ROLES = ["seeder", "migrator", "verifier", "prover"];
const GITHUB_ROLES = ["deploy", "preview"];

/** Everything that a stack can have. */
const EVERYTHING = {
  tableNamePrefix: "prod-",
  // A key's alias cannot have the dot.
  ledgerTableName: "team.history",
  accessRoles: "true",
  githubRepository: "acme/photos",
  encryption: "customer-key",
  billingMode: "autoscaled",
  minReadCapacity: "1",
  maxReadCapacity: "10",
  minWriteCapacity: "1",
  maxWriteCapacity: "10",
  scheduledScaling: '["cron(0 7 ? * MON-FRI *) read 2-20"]',
  stream: "true",
  streamConsumer: "true",
  kinesisStreamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/changes",
  replicaRegions: '["eu-west-1"]',
  replicaKmsKeyArns: '["arn:aws:kms:eu-west-1:111111111111:key/replica"]',
  backupPlan: "true",
  contributorInsights: "true",
  alarms: "true",
  alarmEmail: "ops@example.com",
  monthlyBudgetUsd: "100",
  dashboard: "true",
};

let everything: Evaluation;
let pinned: Evaluation;
beforeAll(async () => {
  [everything, pinned] = await Promise.all([
    evaluateBare(EVERYTHING),
    evaluateBare({
      tableNamePrefix: "prod-",
      accessRoles: "true",
      accessPrincipals: '["arn:aws:iam::111111111111:role/ci"]',
      // As the tokens of a repository with immutable subjects say it.
      githubRepository: "acme@12/photos@34",
      githubEnvironment: "production",
      githubOidcProviderArn: GIVEN_PROVIDER,
      encryption: "customer-key",
      kmsKeyArn: GIVEN_KEY,
    }),
  ]);
});

/** The one statement of a trust policy for a way of taking the role. */
function trustBy({ trust }: DeclaredRole, action: string) {
  const [statement, another] = trust.Statement.filter(({ Action }) => [Action].flat().includes(action));
  if (another) throw new Error(`two statements trust by ${action}`);
  return statement;
}

const github = (subject: string, provider = PROVIDER) => ({
  Effect: "Allow",
  Principal: { Federated: provider },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: {
    StringEquals: {
      "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
      "token.actions.githubusercontent.com:sub": subject,
    },
  },
});

describe("who may take a role", () => {
  it("the account itself, where nobody is named; else those named", () => {
    for (const role of DATA_ROLES) {
      const principals = (evaluation: Evaluation) =>
        trustBy(declaredRole(evaluation, role), "sts:AssumeRole")?.Principal;
      expect(principals(everything)).toEqual({ AWS: ["arn:aws:iam::000000000000:root"] });
      expect(principals(pinned)).toEqual({ AWS: ["arn:aws:iam::111111111111:role/ci"] });
    }
  });

  it("jobs of the main branch or of one environment, for deploys and what follows them, and for nothing else", () => {
    const web = "sts:AssumeRoleWithWebIdentity";
    for (const role of [...TOOL_ROLES, "deploy"]) {
      expect(trustBy(declaredRole(everything, role), web)).toEqual(
        github("repo:acme/photos:ref:refs/heads/main"),
      );
      expect(trustBy(declaredRole(pinned, role), web)).toEqual(
        github("repo:acme@12/photos@34:environment:production", GIVEN_PROVIDER),
      );
    }
    for (const role of ["app", "user"]) expect(trustBy(declaredRole(everything, role), web)).toBeUndefined();
    for (const role of GITHUB_ROLES) expect(declaredRole(everything, role).trust.Statement).toHaveLength(1);
  });

  it("pull requests, for a preview", () => {
    const { trust } = declaredRole(everything, "preview");
    expect(trust.Statement).toEqual([github("repo:acme/photos:pull_request")]);
  });

  it("whoever says which user a session is, for the role of one user", () => {
    expect(declaredRole(everything, "user").trust.Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { AWS: ["arn:aws:iam::000000000000:root"] },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: {
          StringLike: { "aws:RequestTag/username": "?*" },
          "ForAllValues:StringEquals": { "aws:TagKeys": ["username"] },
        },
      },
    ]);
  });

  it("by the provider that is given, or one that is made", () => {
    const provider = named(
      everything,
      "iam/openIdConnectProvider:OpenIdConnectProvider",
      "quick-photos-access-github",
    );
    expect(provider.inputs).toMatchObject({
      url: "https://token.actions.githubusercontent.com",
      clientIdLists: ["sts.amazonaws.com"],
    });
    expect(ofType(pinned, "iam/openIdConnectProvider:OpenIdConnectProvider")).toEqual([]);
  });

  it("nobody, where the stack has no roles", async () => {
    const none = await evaluate("dev");
    expect(ofType(none, "iam/role:Role")).toEqual([]);
    expect(none.outputs.roleArns).toBeNull();
  });
});

describe("every role", () => {
  it("is exported by its ARN, named after the table, and within the quotas of IAM", () => {
    const roles = [...DATA_ROLES, ...GITHUB_ROLES];
    expect(everything.outputs.roleArns).toEqual(
      Object.fromEntries(
        roles.map((role) => [role, `arn:aws:iam::000000000000:role/prod-quick-photos-${role}`]),
      ),
    );
    for (const role of roles) {
      const { inputs, policy } = declaredRole(everything, role);
      expect(inputs).toMatchObject({ name: `prod-quick-photos-${role}` });
      expect(JSON.stringify(policy).length).toBeLessThan(MAX_INLINE_POLICY);
    }
  });

  it("names its actions and resources: all of a kind only where IAM knows nothing narrower", () => {
    for (const role of DATA_ROLES) {
      for (const { Sid, Action, Resource } of declaredRole(everything, role).policy.Statement) {
        expect(Resource.length).toBeGreaterThan(0);
        expect(Resource).not.toContain("*");
        if (Sid !== "UseKeyThroughDynamoDb") expect(Action.join()).not.toContain("*");
        if (!/Scratch|EveryTable|^Deny/.test(Sid ?? "")) expect(Resource.join()).not.toContain("*");
      }
    }
    for (const role of GITHUB_ROLES) {
      for (const { Action, Resource, Condition } of declaredRole(everything, role).policy.Statement) {
        expect(Action.join()).not.toContain("*");
        if (Resource.includes("*")) expect(Condition).toBeDefined();
      }
    }
  });

  it("uses the key of the tables that it uses, and through DynamoDB only", () => {
    const through = (service: string) => ({ "kms:ViaService": service });
    const dynamodb = through("dynamodb.us-east-1.amazonaws.com");
    const may = (role: string, action: string, key: string, context = dynamodb) =>
      isAllowed(declaredRole(everything, role).policy, { action, resource: key, context });
    const keyOf = (table: string) =>
      String(
        (
          named(everything, "dynamodb/table:Table", table).inputs.serverSideEncryption as Record<
            string,
            unknown
          >
        ).kmsKeyArn,
      );
    const [own, ledger] = [keyOf("quick-photos"), keyOf("ledger")];
    for (const role of DATA_ROLES) {
      expect(may(role, "kms:Decrypt", own)).toBe(true);
      expect(may(role, "kms:Decrypt", own, through("s3.us-east-1.amazonaws.com"))).toBe(false);
      expect(may(role, "kms:GenerateDataKey", own)).toBe(!["verifier", "prover"].includes(role));
      expect(may(role, "kms:Decrypt", ledger)).toBe(["seeder", "migrator", "prover"].includes(role));
      expect(may(role, "kms:ScheduleKeyDeletion", own)).toBe(false);
    }
    const given = { action: "kms:Decrypt", resource: GIVEN_KEY, context: dynamodb };
    expect(isAllowed(declaredRole(pinned, "app").policy, given)).toBe(true);
  });

  it.each([
    { role: "migrator", denied: ["DeleteTable", "PutResourcePolicy", "DeleteResourcePolicy"] },
    {
      role: "verifier",
      denied: ["Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "DeleteTable"],
    },
    { role: "prover", denied: ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "DeleteTable"] },
  ])("$role is denied what it must never do, whatever else is attached to it", ({ role, denied }) => {
    const { policy } = declaredRole(everything, role);
    const attached = { Effect: "Allow" as const, Action: ["dynamodb:*"], Resource: ["*"] };
    const may = (action: string, resource: string) =>
      isAllowed({ Statement: [...policy.Statement, attached] }, { action: `dynamodb:${action}`, resource });
    const table = tableArn("prod-quick-photos");
    for (const action of denied) expect({ action, may: may(action, table) }).toEqual({ action, may: false });
    expect(may("GetItem", table)).toBe(true);
    if (role === "migrator") expect(may("DeleteBackup", `${table}/backup/01`)).toBe(false);
  });

  it("spells names of others as they do", () => {
    expect(SCRATCH_PREFIX).toBe(CHOSEN_PREFIX);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable.
    expect(ROLES.user.leadingKeys).toEqual([userKey({ username: "${aws:PrincipalTag/username}" }).PK]);
  });
});

describe("the roles that deploy", () => {
  it("know every type of resource that a stack can have", () => {
    const known = new Set(DEPLOY_GRANTS.flatMap(({ types }) => types));
    const declared = everything.resources.filter(({ custom }) => custom).map(({ type }) => type);
    expect(declared.length).toBeGreaterThan(20);
    expect([...new Set(declared)].filter((type) => !known.has(type))).toEqual([]);
  });

  it("reach what they know of, because it is named after the table or the ledger", () => {
    const byName = DEPLOY_GRANTS.filter(({ resources }) => resources.some((arn) => arn.includes("{name")));
    const types = new Set(byName.flatMap((grant) => grant.types));
    const names = everything.resources
      .filter(({ type, inputs }) => types.has(type) && typeof inputs.name === "string")
      .map(({ inputs }) => String(inputs.name).replace(/^(alias\/|\/aws\/lambda\/)/, ""));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !/^(prod-quick-photos|team[.-]history)/.test(name))).toEqual([]);
  });

  it.each(GITHUB_ROLES)(
    "%s looks at every key that the stack makes, by its alias, and at no other team's",
    (role) => {
      const { policy } = declaredRole(everything, role);
      const reads = (alias: string) =>
        isAllowed(policy, {
          action: "kms:DescribeKey",
          resource: "arn:aws:kms:us-east-1:000000000000:key/1",
          context: { "kms:ResourceAliases": [alias] },
        });
      const aliases = everything.resources.filter(({ type }) => type === "aws:kms/alias:Alias");
      expect(aliases.length).toBeGreaterThan(3);
      expect(aliases.map(({ inputs }) => String(inputs.name)).filter((alias) => !reads(alias))).toEqual([]);
      // The provider compares the key of a copy with the account's own.
      expect(reads("alias/aws/dynamodb")).toBe(true);
      expect(reads("alias/other")).toBe(false);
    },
  );

  const table = tableArn("prod-quick-photos");
  const iamRole = "arn:aws:iam::000000000000:role/prod-quick-photos-migrator";
  it.each([
    { action: "dynamodb:DescribeTable", resource: table, roles: ["deploy", "preview"] },
    {
      action: "dynamodb:DescribeTable",
      resource: table.replace("us-east-1", "eu-west-1"),
      roles: ["deploy", "preview"],
    },
    { action: "dynamodb:DescribeTable", resource: table.replace("us-east-1", "eu-west-2"), roles: [] },
    { action: "dynamodb:UpdateTable", resource: table, roles: ["deploy"] },
    { action: "dynamodb:UpdateTable", resource: tableArn("team.history"), roles: ["deploy"] },
    { action: "dynamodb:UpdateTable", resource: tableArn("other"), roles: [] },
    { action: "dynamodb:DeleteTable", resource: table, roles: [] },
    { action: "dynamodb:GetItem", resource: table, roles: [] },
    { action: "iam:GetRole", resource: iamRole, roles: ["deploy", "preview"] },
    { action: "iam:PutRolePolicy", resource: iamRole, roles: [] },
    { action: "iam:UpdateAssumeRolePolicy", resource: iamRole, roles: [] },
    { action: "iam:CreateRole", resource: iamRole, roles: [] },
    { action: "sts:AssumeRole", resource: iamRole, roles: [] },
    { action: "kms:PutKeyPolicy", resource: "arn:aws:kms:us-east-1:000000000000:key/1", roles: [] },
  ])("$action on $resource: $roles", ({ action, resource, roles }) => {
    const able = GITHUB_ROLES.filter((role) =>
      isAllowed(declaredRole(everything, role).policy, { action, resource }),
    );
    expect(able).toEqual(roles);
  });

  it.each([
    {
      action: "iam:PassRole",
      resource: iamRole,
      key: "iam:PassedToService",
      right: "lambda.amazonaws.com",
      wrong: "ec2.amazonaws.com",
    },
    {
      action: "lambda:CreateEventSourceMapping",
      resource: "*",
      key: "lambda:FunctionArn",
      right: "arn:aws:lambda:us-east-1:000000000000:function:prod-quick-photos-stream-consumer",
      wrong: "arn:aws:lambda:us-east-1:000000000000:function:other",
    },
    {
      action: "kms:CreateGrant",
      resource: GIVEN_KEY,
      key: "kms:ViaService",
      right: "dynamodb.us-east-1.amazonaws.com",
      wrong: "s3.us-east-1.amazonaws.com",
    },
  ])("$action only where $key is $right, and no preview", ({ action, resource, key, right, wrong }) => {
    const may = (role: string, value: string) =>
      isAllowed(declaredRole(pinned, role).policy, { action, resource, context: { [key]: value } });
    expect([may("deploy", right), may("deploy", wrong), may("preview", right)]).toEqual([true, false, false]);
  });

  it("look at most, in a preview", () => {
    for (const { Action } of declaredRole(everything, "preview").policy.Statement) {
      for (const action of Action) expect(action).toMatch(/^[a-z-]+:(Describe|Get|List|View)/);
    }
  });
});
