// The Pulumi program: stack configuration in, tables out. `pulumi up` runs it against AWS, and
// `tablewright deploy` evaluates the same file for a local engine.
import * as pulumi from "@pulumi/pulumi";
import { AccessRoles } from "./components/access/access-roles.ts";
import { BackupPlan } from "./components/backup-plan.ts";
import { Observability } from "./components/observability/observability.ts";
import { sideTable } from "./components/side-table.ts";
import { StreamConsumer } from "./components/stream-consumer/stream-consumer.ts";
import { TableStore } from "./components/table-store/table-store.ts";
import { readDefaults } from "./config/defaults.ts";
import { parseStackConfig } from "./config.ts";
import { filters } from "./functions/stream-consumer/filters.ts";
import quickPhotos from "./tables/quick-photos.ts";

const { config, mistakes } = parseStackConfig({
  project: pulumi.getProject(),
  stack: pulumi.getStack(),
  values: pulumi.runtime.allConfig(),
  defaults: readDefaults(),
});
// A RunError is shown without a stack trace.
if (!config) throw new pulumi.RunError(`the stack's configuration is wrong:\n${mistakes.join("\n")}`);

const { deletionProtection, encryption, tags, pointInTimeRecoveryDays } = config;
const physicalName = `${config.tableNamePrefix}${quickPhotos.model}`;
const backupPlanName = config.backupPlan && physicalName;
const safety = { deletionProtection, encryption, tags, pointInTimeRecoveryDays, backupPlanName };

const photos = new TableStore(quickPhotos.model, { ...config, ...safety, design: quickPhotos, physicalName });
// Migration history, locks and checkpoints; the keys are those that src/ledger spells.
const ledger = sideTable("ledger", { ...safety, physicalName: config.ledgerTableName });
// Activity feeds, and which events they hold; what the consumer remembers of events expires by itself.
const activity =
  config.consumer &&
  sideTable("activity", {
    ...safety,
    physicalName: `${physicalName}-activity`,
    ttlAttribute: "expiresAt",
  });
const tables = [photos, ledger, ...(activity ? [activity] : [])];

const consumer =
  config.consumer &&
  activity &&
  new StreamConsumer("stream-consumer", {
    ...config.consumer,
    physicalName: `${physicalName}-stream-consumer`,
    source: photos,
    tables: { ACTIVITY_TABLE: activity },
    filters,
    logRetentionDays: config.logRetentionDays,
    tags,
  });

const backups =
  config.backupPlan &&
  new BackupPlan("backups", { ...config.backupPlan, deletionProtection, encryption, tags, physicalName });
if (config.alarms || config.dashboard) {
  const { alarms, dashboard, monthlyBudgetUsd } = config;
  new Observability("observability", {
    physicalName,
    tables,
    consumer,
    backupVaultName: backups?.vaultName,
    alarms,
    dashboard,
    monthlyBudgetUsd,
    tags,
  });
}

const roles =
  config.access &&
  new AccessRoles(`${quickPhotos.model}-access`, {
    table: photos,
    ledger,
    physicalName,
    ledgerName: config.ledgerTableName,
    access: config.access,
    replicas: config.replicas,
    tags,
  });

export const tableName = photos.name;
export const tableArn = photos.arn;
// What a stack lacks is null: for what is undefined Pulumi warns at each run.
export const streamArn = photos.streamArn ?? null;
export const ledgerTableName = ledger.name;
export const ledgerTableArn = ledger.arn;
export const roleArns = roles?.arns ?? null;
export const functionName = consumer?.functionName ?? null;
export const deadLetterQueueUrl = consumer?.deadLetterQueueUrl ?? null;
export const { indexOwner } = config;
