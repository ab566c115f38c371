import {
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  type _Record as Record,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import { retryFailures, sleep } from "../dynamo/backoff.ts";
import { StreamGoneError } from "./errors.ts";

/** Where in a shard to read: from its oldest record, from what comes now, or behind a record. */
export type ShardPosition = "oldest" | "newest" | { readonly after: string };

/** A part of a shard's records, in order. */
export interface ShardPage {
  readonly shardId: string;
  readonly records: readonly Record[];
  /** True for a shard's last page: it is closed, and everything in it has been read. */
  readonly finished: boolean;
}

/** How a stream's shards are read. */
export interface ReadOptions {
  readonly client: DynamoDBStreamsClient;
  readonly streamArn: string;
  /** Records on one page; DynamoDB gives at most 1,000 (API_streams_GetRecords). */
  readonly limit: number;
  /** Stop where no more records are to be had now. */
  readonly once: boolean;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks at a shard that has nothing new. Lambda looks four times a second. */
  readonly idleMs?: number | undefined;
  /** Called with one page of a shard after the other; the next is not read before it resolves. */
  onPage(page: ShardPage): Promise<void>;
  /** Called where records were trimmed, 24 hours after they were written, before they could be read. */
  onGap(shardId: string): void;
}

const MAX_RECORDS = 1000;
const IDLE_MS = 250;

/** One shard's iterator, kept alive. */
class ShardCursor {
  #position: ShardPosition;
  #iterator: string | undefined;
  readonly #options: ReadOptions;
  readonly #shardId: string;

  constructor(options: ReadOptions, shardId: string, position: ShardPosition) {
    this.#options = options;
    this.#shardId = shardId;
    this.#position = position;
  }

  /**
   * The next records. An iterator lives for 15 minutes: one that expired is replaced by another at the
   * same place. Where the place itself is gone, reading goes on at the oldest record there is.
   */
  async next(): Promise<ShardPage> {
    const { streamArn, onGap } = this.#options;
    for (;;) {
      try {
        return this.#take(await this.#fetch());
      } catch (error) {
        this.#iterator = undefined;
        if (error instanceof TrimmedDataAccessException) {
          onGap(this.#shardId);
          this.#position = "oldest";
        } else if (error instanceof ResourceNotFoundException) {
          throw new StreamGoneError(streamArn, error);
        } else if (!(error instanceof ExpiredIteratorException)) {
          throw error;
        }
      }
    }
  }

  #take({ Records: records = [], NextShardIterator: next }: GetRecordsCommandOutput): ShardPage {
    this.#iterator = next;
    const last = records.at(-1)?.dynamodb?.SequenceNumber;
    if (last !== undefined) this.#position = { after: last };
    return { shardId: this.#shardId, records, finished: next === undefined };
  }

  async #fetch(): Promise<GetRecordsCommandOutput> {
    const { client, limit, signal } = this.#options;
    this.#iterator ??= await this.#openIterator();
    const command = new GetRecordsCommand({
      ShardIterator: this.#iterator,
      Limit: Math.min(limit, MAX_RECORDS),
    });
    return retryFailures(() => client.send(command, { abortSignal: signal }), { signal });
  }

  async #openIterator(): Promise<string | undefined> {
    const { client, streamArn, signal } = this.#options;
    const position = this.#position;
    const command = new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: this.#shardId,
      ...(position === "oldest" && { ShardIteratorType: "TRIM_HORIZON" }),
      ...(position === "newest" && { ShardIteratorType: "LATEST" }),
      ...(typeof position === "object" && {
        ShardIteratorType: "AFTER_SEQUENCE_NUMBER",
        SequenceNumber: position.after,
      }),
    } as ConstructorParameters<typeof GetShardIteratorCommand>[0]);
    const { ShardIterator } = await retryFailures(() => client.send(command, { abortSignal: signal }), {
      signal,
    });
    return ShardIterator;
  }
}

/**
 * Reads a shard to its end, or with `once` to where it stands now.
 * @returns whether the shard is finished: closed, and all of it read.
 * @throws {StreamGoneError}, and the signal's reason when it is aborted between two pages.
 */
export async function readShard(
  options: ReadOptions,
  shardId: string,
  position: ShardPosition,
): Promise<boolean> {
  const { once, signal, idleMs = IDLE_MS, onPage } = options;
  const cursor = new ShardCursor(options, shardId, position);
  for (;;) {
    signal.throwIfAborted();
    const page = await cursor.next();
    if (page.records.length > 0 || page.finished) await onPage(page);
    if (page.finished) return true;
    if (page.records.length > 0) continue;
    if (once) return false;
    await sleep(idleMs, signal);
  }
}
