import { beforeAll, describe, expect, it } from "vitest";
import type { Evaluation } from "../../src/deploy/evaluate-program.ts";
import { evaluate, evaluateBare, inputsOf, named, ofType } from "./evaluate.ts";

const VAULT = "backup/vault:Vault";

describe("the backup plan of prod", () => {
  let evaluation: Evaluation;
  beforeAll(async () => {
    evaluation = await evaluate("prod", { backupRetentionDays: "120", ledgerTableName: "team.history" });
  });

  it("backs up every table every day, and keeps the backups as long as configured", () => {
    const selection = inputsOf(evaluation, "backup/selection:Selection");
    expect(selection).toMatchObject({
      selectionTags: [{ type: "STRINGEQUALS", key: "tablewright:backup-plan", value: "prod-quick-photos" }],
      iamRoleArn: "arn:aws:iam::000000000000:role/prod-quick-photos-backup",
    });
    // A selection takes what its tags or its resources name.
    expect(selection).not.toHaveProperty("resources");
    expect(inputsOf(evaluation, "backup/plan:Plan").rules).toEqual([
      expect.objectContaining({
        targetVaultName: "prod-quick-photos",
        schedule: "cron(0 5 * * ? *)",
        lifecycle: { deleteAfter: 120 },
        recoveryPointTags: { application: "quick-photos", environment: "prod" },
      }),
    ]);
  });

  it("finds its tables by a tag that they alone carry, beside the stack's", () => {
    const carriers = evaluation.resources.filter(({ inputs }) =>
      JSON.stringify(inputs.tags ?? {}).includes("tablewright:backup-plan"),
    );
    expect(carriers.map(({ type }) => type)).toEqual(Array(3).fill("aws:dynamodb/table:Table"));
    for (const { inputs } of carriers) {
      expect(inputs.tags).toEqual({
        application: "quick-photos",
        environment: "prod",
        "tablewright:backup-plan": "prod-quick-photos",
      });
    }
  });

  it("has an alarm for backups that fail", () => {
    const [alarm, ...others] = ofType(evaluation, "cloudwatch/metricAlarm:MetricAlarm").filter(
      ({ inputs }) => inputs.namespace === "AWS/Backup",
    );
    expect(others).toEqual([]);
    expect(alarm?.inputs).toMatchObject({
      name: "prod-quick-photos-backup-failed",
      metricName: "NumberOfBackupJobsFailed",
      statistic: "Sum",
      dimensions: { BackupVaultName: "prod-quick-photos" },
      threshold: 1,
      evaluationPeriods: 1,
    });
  });

  it("has a vault of its own, with a key of its own, that Pulumi does not delete", () => {
    const [vault] = ofType(evaluation, VAULT);
    expect(vault?.protect).toBe(true);
    expect(vault?.inputs.kmsKeyArn).toBe("arn:aws:kms:us-east-1:000000000000:key/backups");
    expect(vault?.inputs).not.toHaveProperty("forceDestroy");
    expect(String(named(evaluation, "kms/key:Key", "backups").inputs.policy)).toContain(
      "backup.*.amazonaws.com",
    );
  });

  it("names the alias of a key without the dots that a table's name may have", () => {
    expect(named(evaluation, "kms/alias:Alias", "ledger").inputs.name).toBe("alias/team-history");
  });

  it("lets only AWS Backup, for this account, take its role", () => {
    const { assumeRolePolicy } = named(evaluation, "iam/role:Role", "backups").inputs;
    expect(JSON.parse(String(assumeRolePolicy)).Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "backup.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
      },
    ]);
  });
});

it("a table of no backup plan carries no tag of one", async () => {
  const bare = await evaluateBare({ tags: '["application=quick-photos"]', alarms: "true" });
  expect(ofType(bare, "dynamodb/table:Table").map(({ inputs }) => inputs.tags)).toEqual(
    Array(2).fill({ application: "quick-photos" }),
  );
  expect(JSON.stringify(bare.resources)).not.toContain("AWS/Backup");
});

it("uses the given key for the vault too", async () => {
  const keyArn = "arn:aws:kms:us-east-1:111122223333:key/given";
  const given = await evaluate("prod", { kmsKeyArn: keyArn });
  expect(inputsOf(given, VAULT)).toMatchObject({ kmsKeyArn: keyArn, name: "prod-quick-photos" });
});
