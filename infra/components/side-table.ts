import type * as pulumi from "@pulumi/pulumi";
import { TableStore, type TableStoreArgs } from "./table-store/table-store.ts";

/** What a side table shares with the app's table, and the attribute by which its items expire, if any. */
export type SideTableArgs = Pick<
  TableStoreArgs,
  | "physicalName"
  | "deletionProtection"
  | "encryption"
  | "tags"
  | "pointInTimeRecoveryDays"
  | "ttlAttribute"
  | "backupPlanName"
>;

/** A table of the stack's own beside the app's: keys PK and SK, no indexes; small, so billed on demand. */
export function sideTable(
  name: string,
  args: SideTableArgs,
  options?: pulumi.ComponentResourceOptions,
): TableStore {
  const design = {
    model: name,
    partitionKey: { name: "PK", type: "S" },
    sortKey: { name: "SK", type: "S" },
    indexes: {},
  } as const;
  return new TableStore(name, { ...args, design, billing: { mode: "on-demand" } }, options);
}
