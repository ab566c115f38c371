import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { Fence } from "../../ledger/index.ts";

/** Actions in one write to the ledger: a transaction takes 100, and the lease's check is one of them. */
const ACTIONS_AT_ONCE = 90;

/** Writes any number of actions, the first ones first. */
export async function writeInParts(fence: Fence, actions: readonly TransactWriteItem[]): Promise<void> {
  for (let start = 0; start < actions.length; start += ACTIONS_AT_ONCE) {
    await fence.write(actions.slice(start, start + ACTIONS_AT_ONCE));
  }
}
