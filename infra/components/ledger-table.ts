import type * as pulumi from "@pulumi/pulumi";
import type { TableDesign } from "tablewright/table-design";
import { TableStore, type TableStoreArgs } from "./table-store/table-store.ts";

/** Migration history, locks and checkpoints; the keys that src/ledger spells. */
const design: TableDesign = {
  model: "ledger",
  partitionKey: { name: "PK", type: "S" },
  sortKey: { name: "SK", type: "S" },
  indexes: {},
};

/** What the ledger shares with the app's table. */
export type LedgerTableArgs = Pick<
  TableStoreArgs,
  "physicalName" | "deletionProtection" | "encryption" | "tags" | "pointInTimeRecoveryDays"
>;

/** The table that holds migration history, locks and checkpoints; small, so billed on demand. */
export function ledgerTable(
  name: string,
  args: LedgerTableArgs,
  options?: pulumi.ComponentResourceOptions,
): TableStore {
  return new TableStore(name, { ...args, design, billing: { mode: "on-demand" } }, options);
}
