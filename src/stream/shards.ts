import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  ResourceNotFoundException,
  type Shard,
} from "@aws-sdk/client-dynamodb-streams";
import { retryFailures } from "../dynamo/backoff.ts";
import { StreamGoneError } from "./errors.ts";

/** A stream as it is described at one moment. */
export interface StreamState {
  /** False once the stream is switched off: then no record comes any more. */
  readonly enabled: boolean;
  readonly shards: readonly Shard[];
}

/**
 * Every shard of a stream, whatever the number of pages.
 * @throws {StreamGoneError}
 */
export async function describeStream(
  client: DynamoDBStreamsClient,
  streamArn: string,
  signal?: AbortSignal,
): Promise<StreamState> {
  const shards: Shard[] = [];
  let status: string | undefined;
  let last: string | undefined;
  do {
    const command = new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: last });
    const { StreamDescription: page } = await retryFailures(
      () => client.send(command, { abortSignal: signal }),
      { signal },
    ).catch((error: unknown) => {
      throw error instanceof ResourceNotFoundException ? new StreamGoneError(streamArn, error) : error;
    });
    status = page?.StreamStatus;
    shards.push(...(page?.Shards ?? []));
    last = page?.LastEvaluatedShardId;
  } while (last !== undefined);
  return { enabled: status === "ENABLED" || status === "ENABLING", shards };
}

/**
 * The shards whose turn it is: a shard comes after its parent, as changes of one item stand first in the
 * one and then in the other. A parent that is not listed any more was trimmed with all its records.
 */
export function shardsToRead(shards: readonly Shard[], finished: ReadonlySet<string>): string[] {
  const listed = new Set(shards.map(({ ShardId }) => ShardId));
  return shards.flatMap(({ ShardId: id, ParentShardId: parent }) => {
    if (id === undefined || finished.has(id)) return [];
    return parent === undefined || !listed.has(parent) || finished.has(parent) ? [id] : [];
  });
}

/** The shards that have been split or merged into others, and so get no new records. */
export function parentShards(shards: readonly Shard[]): string[] {
  const parents = new Set(shards.map(({ ParentShardId }) => ParentShardId));
  return shards.flatMap(({ ShardId: id }) => (id !== undefined && parents.has(id) ? [id] : []));
}
