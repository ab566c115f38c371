import type * as pulumi from "@pulumi/pulumi";
import type { TableDesign } from "tablewright/table-design";
import { TableStore, type TableStoreArgs } from "./table-store/table-store.ts";

/** Activity feeds, and which events they hold; the keys that infra/functions/stream-consumer spells. */
const design: TableDesign = {
  model: "activity",
  partitionKey: { name: "PK", type: "S" },
  sortKey: { name: "SK", type: "S" },
  indexes: {},
};

/** What the consumer's table shares with the app's table. */
export type ActivityTableArgs = Pick<
  TableStoreArgs,
  "physicalName" | "deletionProtection" | "encryption" | "tags" | "pointInTimeRecoveryDays"
>;

/** The table that the stream consumer writes; what it remembers of events expires by itself. */
export function activityTable(
  name: string,
  args: ActivityTableArgs,
  options?: pulumi.ComponentResourceOptions,
): TableStore {
  return new TableStore(
    name,
    { ...args, design, billing: { mode: "on-demand" }, ttlAttribute: "expiresAt" },
    options,
  );
}
