import { Plan, Selection, Vault } from "@pulumi/aws/backup/index.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";
import type { Encryption } from "../config.ts";
import { accountId, partition } from "./account.ts";
import { customerKey, useThrough } from "./customer-key.ts";
import { backupTag, type Tags, tagArgs, withoutDots } from "./naming.ts";

/** What a {@link BackupPlan} is made from. */
export interface BackupPlanArgs {
  /**
   * What vault, plan and role are called after: the app's table. A vault's name has up to 50 characters. The
   * plan backs up the table stores that give it as their `backupPlanName`.
   */
  readonly physicalName: string;
  /** Days that a backup is kept. */
  readonly retentionDays: number;
  /** As the tables: with a customer key, the vault has one too. @default AWS's key */
  readonly encryption?: Encryption | undefined;
  /** Pulumi refuses to delete the vault and its key. @default false */
  readonly deletionProtection?: boolean | undefined;
  /** Of vault, plan, role and backups. @default none */
  readonly tags?: Tags | undefined;
}

/** Every day at five, UTC. */
const DAILY = "cron(0 5 * * ? *)";

/** AWS keeps up what these say: they change as AWS Backup does. */
const MANAGED_POLICIES = {
  backup: "AWSBackupServiceRolePolicyForBackup",
  restore: "AWSBackupServiceRolePolicyForRestores",
} as const;

/**
 * Daily backups of tables by AWS Backup, in a vault of their own: they outlive the tables, and reach back
 * further than point-in-time recovery. The account must have opted in to DynamoDB in AWS Backup
 * (docs/restore.md).
 *
 * @example
 * new TableStore("orders", { design: orders, physicalName: "prod-orders", billing, backupPlanName: "prod-orders" });
 * new BackupPlan("backups", { physicalName: "prod-orders", retentionDays: 35 });
 */
export class BackupPlan extends pulumi.ComponentResource {
  readonly vaultName: pulumi.Output<string>;
  /** The role that AWS Backup takes to back up and to restore. */
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: BackupPlanArgs, options?: pulumi.ComponentResourceOptions) {
    super("tablewright:infra:BackupPlan", name, {}, options);
    const { deletionProtection: protect = false, tags } = args;
    const physicalName = withoutDots(args.physicalName);
    const child = { parent: this };
    const kmsKeyArn = this.#keyArn(name, args);
    const vault = new Vault(
      name,
      { name: physicalName, ...(kmsKeyArn !== undefined && { kmsKeyArn }), ...tagArgs(tags) },
      { ...child, protect },
    );
    const plan = new Plan(
      name,
      {
        name: physicalName,
        rules: [
          {
            ruleName: "daily",
            targetVaultName: vault.name,
            schedule: DAILY,
            // Minutes: one hour to begin, and then three to end.
            startWindow: 60,
            completionWindow: 180,
            lifecycle: { deleteAfter: args.retentionDays },
            ...(tags && Object.keys(tags).length > 0 && { recoveryPointTags: tags }),
          },
        ],
        ...tagArgs(tags),
      },
      child,
    );
    const role = this.#role(name, `${physicalName}-backup`, tags);
    new Selection(
      name,
      {
        name: physicalName,
        planId: plan.id,
        iamRoleArn: role.arn,
        selectionTags: [{ type: "STRINGEQUALS", ...backupTag(physicalName) }],
      },
      child,
    );
    this.vaultName = vault.name;
    this.roleArn = role.arn;
    this.registerOutputs({ vaultName: this.vaultName, roleArn: this.roleArn });
  }

  #keyArn(name: string, args: BackupPlanArgs): pulumi.Input<string> | undefined {
    const { encryption, physicalName, deletionProtection: protect = false, tags } = args;
    if (encryption?.kind !== "customer-key") return undefined;
    if (encryption.keyArn !== undefined) return encryption.keyArn;
    const key = { physicalName: `${physicalName}-backup`, uses: [useThrough("backup")], tags };
    return customerKey(name, key, { parent: this, protect }).arn;
  }

  #role(name: string, physicalName: string, tags: Tags | undefined): Role {
    const trust = {
      Effect: "Allow",
      Principal: { Service: "backup.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "aws:SourceAccount": accountId() } },
    };
    const assumeRolePolicy = pulumi.jsonStringify({ Version: "2012-10-17", Statement: [trust] });
    const role = new Role(name, { name: physicalName, assumeRolePolicy, ...tagArgs(tags) }, { parent: this });
    for (const [purpose, policy] of Object.entries(MANAGED_POLICIES)) {
      const policyArn = pulumi.interpolate`arn:${partition()}:iam::aws:policy/service-role/${policy}`;
      new RolePolicyAttachment(`${name}-${purpose}`, { role: role.name, policyArn }, { parent: this });
    }
    return role;
  }
}
