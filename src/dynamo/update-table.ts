import {
  DynamoDBServiceException,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  type UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import type { Sender } from "./describe.ts";

/** What became of a request: carried out, surely not, or nobody knows. */
export type Fate =
  | { readonly kind: "accepted" }
  /** DynamoDB refused every attempt, or none was sent. */
  | { readonly kind: "refused"; readonly error: unknown }
  /** An answer was lost, or the service failed: the request may have been carried out all the same. */
  | { readonly kind: "unknown"; readonly error: unknown };

/** An answer that says no: what was asked for is not done. A failure of the service (5xx) says nothing. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof DynamoDBServiceException)) return false;
  const { httpStatusCode: status = 500 } = error.$metadata;
  return status >= 400 && status < 500;
}

/** A request that changes a table. */
export type TableChange = UpdateTableCommand | UpdateTimeToLiveCommand;

/**
 * Sends a change of a table and says what became of it. The SDK sends a request again when an answer was lost,
 * and the second attempt is then refused for what the first one did, so the last error alone does not tell.
 * @throws the signal's reason.
 */
export async function sendChange(client: Sender, command: TableChange, signal?: AbortSignal): Promise<Fate> {
  let unsure = 0;
  const { middlewareStack } = command as UpdateTableCommand;
  middlewareStack.add(
    (next) => async (args) => {
      unsure += 1;
      try {
        return await next(args);
      } catch (error) {
        if (isRefusal(error)) unsure -= 1;
        throw error;
      }
    },
    // Inside the SDK's retries, which are of this step too: it sees each attempt.
    { step: "finalizeRequest", name: "watchAttempts", priority: "low" },
  );
  try {
    await client.send(command as UpdateTableCommand, { abortSignal: signal });
    return { kind: "accepted" };
  } catch (error) {
    signal?.throwIfAborted();
    return { kind: unsure > 0 ? "unknown" : "refused", error };
  }
}

/** {@link sendChange} of UpdateTable. */
export function updateTable(
  client: Sender,
  input: UpdateTableCommandInput,
  signal?: AbortSignal,
): Promise<Fate> {
  return sendChange(client, new UpdateTableCommand(input), signal);
}
