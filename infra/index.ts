// The Pulumi program: stack configuration in, tables out. `pulumi up` runs it against AWS, and
// `tablewright deploy` evaluates the same file for a local engine.
import * as pulumi from "@pulumi/pulumi";
import { AccessRoles } from "./components/access/access-roles.ts";
import { ledgerTable } from "./components/ledger-table.ts";
import { TableStore } from "./components/table-store/table-store.ts";
import { parseStackConfig } from "./config.ts";
import quickPhotos from "./tables/quick-photos.ts";

const { config, mistakes } = parseStackConfig({
  project: pulumi.getProject(),
  stack: pulumi.getStack(),
  values: pulumi.runtime.allConfig(),
});
// A RunError is shown without a stack trace.
if (!config) throw new pulumi.RunError(`the stack's configuration is wrong:\n${mistakes.join("\n")}`);

const { deletionProtection, encryption, tags, pointInTimeRecoveryDays } = config;

const physicalName = `${config.tableNamePrefix}${quickPhotos.model}`;
const photos = new TableStore(quickPhotos.model, { ...config, design: quickPhotos, physicalName });
const ledger = ledgerTable("ledger", {
  physicalName: config.ledgerTableName,
  deletionProtection,
  encryption,
  tags,
  pointInTimeRecoveryDays,
});

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
export const streamArn = photos.streamArn;
export const ledgerTableName = ledger.name;
export const ledgerTableArn = ledger.arn;
export const roleArns = roles?.arns;
export const { indexOwner } = config;
