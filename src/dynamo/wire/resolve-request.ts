import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type BatchWriteItemCommandOutput,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { FinalizeRequestMiddleware } from "@smithy/types";

type Capture = FinalizeRequestMiddleware<BatchWriteItemCommandInput, BatchWriteItemCommandOutput>;

/** The parts of a request that the SDK has settled from its configuration. */
export interface ResolvedRequest {
  /** Such as `https:`. */
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Asks the SDK where it would send a request, and with which headers: its profiles, regions, endpoint rules
 * and environment variables hold. Nothing is sent. It asks for a write: a client that only reads refuses.
 * @throws {ReadOnlyViolationError} for a client that cannot write.
 */
export async function resolveRequest(client: DynamoDBClient): Promise<ResolvedRequest> {
  let resolved: ResolvedRequest | undefined;
  const capture: Capture = () => async (args) => {
    resolved = args.request as ResolvedRequest;
    return { response: undefined, output: { $metadata: {} } };
  };
  const command = new BatchWriteItemCommand({ RequestItems: {} });
  // Before the SDK signs, sends and tries again.
  command.middlewareStack.add(capture, { step: "finalizeRequest", priority: "high", name: "captureRequest" });
  await client.send(command);
  if (!resolved) throw new TypeError("the SDK made no request");
  return resolved;
}
