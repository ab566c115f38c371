import type { InitializeMiddleware, MetadataBearer, MiddlewareStack } from "@smithy/types";
import type { Sender } from "./describe.ts";
import { ReadOnlyViolationError } from "./errors.ts";

/**
 * The commands that change nothing. An allow-list, so that a command the SDK gains later is refused
 * until someone has looked at it (test/dynamo/read-only.test.ts goes over every command exported).
 * ExecuteStatement and its kin are left out: PartiQL may write.
 */
export const READING_COMMANDS: ReadonlySet<string> = new Set([
  "BatchGetItemCommand",
  "DescribeBackupCommand",
  "DescribeBulkOperationCommand",
  "DescribeContinuousBackupsCommand",
  "DescribeContributorInsightsCommand",
  "DescribeEndpointsCommand",
  "DescribeExportCommand",
  "DescribeGlobalTableCommand",
  "DescribeGlobalTableSettingsCommand",
  "DescribeImportCommand",
  "DescribeKinesisStreamingDestinationCommand",
  "DescribeLimitsCommand",
  "DescribeTableCommand",
  "DescribeTableReplicaAutoScalingCommand",
  "DescribeTimeToLiveCommand",
  "GetItemCommand",
  "GetResourcePolicyCommand",
  "ListBackupsCommand",
  "ListBulkOperationsCommand",
  "ListContributorInsightsCommand",
  "ListExportsCommand",
  "ListGlobalTablesCommand",
  "ListImportsCommand",
  "ListTablesCommand",
  "ListTagsOfResourceCommand",
  "QueryCommand",
  "ScanCommand",
  "TransactGetItemsCommand",
]);

/**
 * SDK middleware that refuses every command outside {@link READING_COMMANDS}, so that a dry run
 * cannot write even where its author forgot to ask.
 */
export const refuseWrites: InitializeMiddleware<object, MetadataBearer> = (next, context) => async (args) => {
  const command = context.commandName ?? "an unnamed command";
  if (!READING_COMMANDS.has(command)) throw new ReadOnlyViolationError(command);
  return next(args);
};

/** A client that sends what another one would, but for what could write: that it refuses. The other is left as it is. */
export function readOnlyClient(client: Sender): Sender {
  const send = (command: Parameters<Sender["send"]>[0], options?: { abortSignal?: AbortSignal }) => {
    const stack = command.middlewareStack as unknown as MiddlewareStack<object, MetadataBearer>;
    // By a name of its own: a client that refuses by itself has one that is called refuseWrites.
    stack.add(refuseWrites, {
      step: "initialize",
      name: "refuseWritesOfCommand",
      priority: "high",
      override: true,
    });
    return client.send(command, options);
  };
  return { send: send as Sender["send"] };
}
