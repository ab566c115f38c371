import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { describeTable, type Sender } from "../dynamo/describe.ts";
import { NotReadyError } from "../dynamo/errors.ts";
import { type Look, waitUntil } from "../dynamo/wait-until.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { StuckIndexError } from "./errors.ts";

/** An index that the engine gets done with looks the same while it is deleted, and is gone within a second. */
const WAIT = { timeoutSeconds: 5, pollMs: 100 };

/** The index that is being deleted, and that the engine may never get done with. */
function findDying({ TableArn, GlobalSecondaryIndexes = [] }: TableDescription): string | undefined {
  if (capabilitiesOf(TableArn).deletesIndexOnTableKeys) return undefined;
  return GlobalSecondaryIndexes.find(({ IndexStatus }) => IndexStatus === "DELETING")?.IndexName;
}

/**
 * Refuses a table with an index that its engine never finishes deleting: to wait for it is in vain.
 * @throws {StuckIndexError}
 */
export async function refuseStuckIndex(client: Sender, table: string, signal?: AbortSignal): Promise<void> {
  let dying: string | undefined;
  const look = async (): Promise<Look<void>> => {
    const description = await describeTable(client, table, signal);
    dying = description && findDying(description);
    if (dying === undefined) return { state: "ready", value: undefined };
    return { state: "changing", what: `index ${dying} of ${table}`, status: "DELETING" };
  };
  try {
    await waitUntil(look, { ...WAIT, signal });
  } catch (error) {
    if (dying === undefined || !(error instanceof NotReadyError)) throw error;
    throw new StuckIndexError(table, dying, error);
  }
}
