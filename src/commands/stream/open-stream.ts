import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { CommandContext, Connection } from "../context.ts";

/** The stream of the table that a command is about. */
export interface OpenStream {
  readonly connection: Connection;
  readonly client: DynamoDBStreamsClient;
  readonly table: string;
  readonly streamArn: string;
}

/**
 * Finds the stream of the table named with --table and works on it.
 * @throws {TableNotFoundError} {@link NoStreamError}, and what `work` throws.
 */
export async function withStream<T>(
  context: CommandContext,
  work: (stream: OpenStream) => Promise<T>,
): Promise<T> {
  const { createStreamsClient } = await import("../../dynamo/streams-client.ts");
  const { findStream } = await import("../../stream/find-stream.ts");
  const table = await context.physicalTable();
  const connection = await context.connect({ readOnly: true });
  const { target } = connection;
  const { stack } = context.options;
  const streamArn = await findStream(connection.client, { table, stack, place: target.description });
  const client = createStreamsClient(target);
  try {
    return await work({ connection, client, table, streamArn });
  } finally {
    client.destroy();
  }
}
