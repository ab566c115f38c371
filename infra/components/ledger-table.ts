import { Table } from "@pulumi/aws/dynamodb/table.js";
import * as pulumi from "@pulumi/pulumi";
import { billingArgs, keysWithoutIndexes } from "./table-shape.ts";

/** What a {@link LedgerTable} is made from. */
export interface LedgerTableArgs {
  readonly physicalName: string;
  /** AWS and Pulumi both refuse to delete the table. */
  readonly deletionProtection: boolean;
}

/** The table that holds migration history, locks and checkpoints; small, so billed on demand. */
export class LedgerTable extends pulumi.ComponentResource {
  readonly table: Table;

  constructor(name: string, args: LedgerTableArgs, options?: pulumi.ComponentResourceOptions) {
    super("tablewright:infra:LedgerTable", name, {}, options);
    this.table = new Table(
      name,
      {
        name: args.physicalName,
        ...keysWithoutIndexes({
          partitionKey: { name: "PK", type: "S" },
          sortKey: { name: "SK", type: "S" },
        }),
        ...billingArgs({ mode: "on-demand" }),
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: args.deletionProtection,
      },
      { parent: this, protect: args.deletionProtection },
    );
    this.registerOutputs({ tableName: this.table.name, tableArn: this.table.arn });
  }
}
