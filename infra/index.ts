// The Pulumi program: stack configuration in, tables out. `pulumi up` runs it against AWS, and
// `tablewright deploy` evaluates the same file for a local engine.
import * as pulumi from "@pulumi/pulumi";
import { LedgerTable } from "./components/ledger-table.ts";
import { ModelTable } from "./components/model-table.ts";
import { parseStackConfig } from "./config.ts";
import quickPhotos from "./tables/quick-photos.ts";

const { config, mistakes } = parseStackConfig({
  project: pulumi.getProject(),
  stack: pulumi.getStack(),
  values: pulumi.runtime.allConfig(),
});
// A RunError is shown without a stack trace.
if (!config) throw new pulumi.RunError(`the stack's configuration is wrong:\n${mistakes.join("\n")}`);

const { indexOwner, billing, stream, ttlAttribute, deletionProtection } = config;

const photos = new ModelTable(quickPhotos.model, {
  design: quickPhotos,
  physicalName: `${config.tableNamePrefix}${quickPhotos.model}`,
  indexOwner,
  billing,
  stream,
  ttlAttribute,
  deletionProtection,
});
const ledger = new LedgerTable("ledger", { physicalName: config.ledgerTableName, deletionProtection });

export const tableName = photos.table.name;
export const tableArn = photos.table.arn;
export const ledgerTableName = ledger.table.name;
export const ledgerTableArn = ledger.table.arn;
export { indexOwner };
