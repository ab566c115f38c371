import { Table } from "@pulumi/aws/dynamodb/table.js";
import * as pulumi from "@pulumi/pulumi";
import type { TableDesign } from "tablewright/table-design";
import type { Billing, IndexOwner } from "../config.ts";
import { billingArgs, keysWithIndexes, keysWithoutIndexes } from "./table-shape.ts";

/** What a {@link ModelTable} is made from. */
export interface ModelTableArgs {
  readonly design: TableDesign;
  /** The name of the table on AWS. Always given: a generated one could not be found by the other commands. */
  readonly physicalName: string;
  readonly indexOwner: IndexOwner;
  readonly billing: Billing;
  /** Whether the table writes a change stream. */
  readonly stream: boolean;
  /** The attribute with an item's expiry time; without it, items do not expire. */
  readonly ttlAttribute?: string | undefined;
  /** AWS and Pulumi both refuse to delete the table. */
  readonly deletionProtection: boolean;
}

/** The table of one model. */
export class ModelTable extends pulumi.ComponentResource {
  readonly table: Table;

  constructor(name: string, args: ModelTableArgs, options?: pulumi.ComponentResourceOptions) {
    super("tablewright:infra:ModelTable", name, {}, options);
    const { design, indexOwner, billing } = args;
    const migrated = indexOwner === "migration";
    this.table = new Table(
      name,
      {
        name: args.physicalName,
        ...(migrated ? keysWithoutIndexes(design) : keysWithIndexes(design, billing)),
        ...billingArgs(billing),
        // The view type is chosen once: changing it makes a new stream and loses unread records.
        ...(args.stream ? { streamEnabled: true, streamViewType: "NEW_AND_OLD_IMAGES" } : {}),
        ...(args.ttlAttribute === undefined
          ? {}
          : { ttl: { attributeName: args.ttlAttribute, enabled: true } }),
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: args.deletionProtection,
      },
      {
        parent: this,
        protect: args.deletionProtection,
        // Without this, some versions of the provider delete an index that a migration made.
        ...(migrated ? { ignoreChanges: ["globalSecondaryIndexes", "attributes"] } : {}),
      },
    );
    this.registerOutputs({ tableName: this.table.name, tableArn: this.table.arn });
  }
}
