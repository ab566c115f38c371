import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { Log } from "../log.ts";
import type { Checkpoint, ShardPlace } from "./checkpoint.ts";
import type { DeadLetterQueue } from "./dead-letters.ts";
import { type DeliveryRules, deliverBatch } from "./deliver-batch.ts";
import { type StreamRecord, toStreamRecord } from "./event.ts";
import type { ReadOptions, ShardPage } from "./read-shard.ts";
import { readStream } from "./read-stream.ts";

/** Where a consumer begins that has no checkpoint. */
export type StartingPosition = "trim-horizon" | "latest";

/** What a consumer runs with. */
export interface ConsumerRun {
  readonly client: DynamoDBStreamsClient;
  readonly streamArn: string;
  readonly checkpoint: Checkpoint;
  /** Counts where the checkpoint knows nothing of the stream. */
  readonly startingPosition: StartingPosition;
  /** The most records that the function gets at once. */
  readonly batchSize: number;
  readonly rules: DeliveryRules;
  /** Whether a record reaches the function. */
  readonly accepts: (record: StreamRecord) => boolean;
  /** Calls the function with the records of one batch. */
  readonly invoke: (records: readonly StreamRecord[]) => Promise<unknown>;
  readonly deadLetters: DeadLetterQueue;
  /** Stop where the stream stands now. */
  readonly once: boolean;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly idleMs?: number | undefined;
}

/** What a consumer has done with the records of a stream: records = delivered + filtered + deadLetters. */
export interface ConsumerCounts {
  records: number;
  /** Records that the function has handled. */
  delivered: number;
  /** Records that no filter let through. */
  filtered: number;
  /** Records that were given up. */
  deadLetters: number;
  /** Calls of the function. */
  invocations: number;
  /** Times that records were trimmed before they could be read. */
  gaps: number;
}

/** The place behind a page; undefined for an empty page of an open shard. */
function placeBehind({ records, finished }: ShardPage): ShardPlace | undefined {
  if (finished) return "finished";
  const after = records.at(-1)?.dynamodb?.SequenceNumber;
  return after === undefined ? undefined : { after };
}

/** One run of a consumer, with what it has counted. */
class Consumer {
  readonly counts: ConsumerCounts = {
    records: 0,
    delivered: 0,
    filtered: 0,
    deadLetters: 0,
    invocations: 0,
    gaps: 0,
  };
  readonly #run: ConsumerRun;

  constructor(run: ConsumerRun) {
    this.#run = run;
  }

  #readOptions(onPage: ReadOptions["onPage"]): ReadOptions {
    const { client, streamArn, batchSize, once, log, signal, idleMs } = this.#run;
    return {
      client,
      streamArn,
      limit: batchSize,
      once,
      signal,
      idleMs,
      onPage,
      onGap: (shardId) => {
        this.counts.gaps += 1;
        log.warn(`${shardId}: records were trimmed, 24 hours old, before they were read`);
      },
    };
  }

  /** Passes over all there is. The places are noted by record, so that they hold for the next run as well. */
  async skip(): Promise<void> {
    const places: Record<string, ShardPlace> = {};
    const options = this.#readOptions(async (page) => {
      const place = placeBehind(page);
      if (place) places[page.shardId] = place;
    });
    await readStream({ ...options, once: true, positions: new Map(), finished: new Set() });
    this.#run.checkpoint.begin(places);
  }

  async consume(): Promise<void> {
    const { checkpoint } = this.#run;
    const options = this.#readOptions((page) => this.#handle(page));
    await readStream({ ...options, positions: checkpoint.positions, finished: checkpoint.finished });
  }

  async #handle(page: ShardPage): Promise<void> {
    const { streamArn, accepts, checkpoint, deadLetters, invoke, rules, log, signal } = this.#run;
    const { counts } = this;
    const all = page.records.map((record) => toStreamRecord(record, streamArn));
    const records = all.filter(accepts);
    let givenUp = 0;
    await deliverBatch(page.shardId, records, {
      rules,
      signal,
      invoke: (batch) => {
        counts.invocations += 1;
        return invoke(batch);
      },
      deadLetters: {
        send: (letter) => {
          deadLetters.send(letter);
          givenUp += letter.records.length;
          log.warn(`${page.shardId}: gave up ${letter.records.length} records: ${letter.condition}`);
        },
      },
      onPassed: (after) => checkpoint.reach(page.shardId, { after }),
      onFailure: (error, size) =>
        log.debug(`a batch of ${size} failed: ${error instanceof Error ? error.message : String(error)}`),
    });
    counts.records += all.length;
    counts.filtered += all.length - records.length;
    counts.deadLetters += givenUp;
    counts.delivered += records.length - givenUp;
    // Behind the records that were filtered out as well.
    const place = placeBehind(page);
    if (place) checkpoint.reach(page.shardId, place);
  }
}

/**
 * Runs a function on a stream as an event source mapping of Lambda does, and notes how far it has come:
 * whoever is killed here goes on behind the last batch that was noted, and delivers again what came after.
 * Two differences: batches of one shard are delivered one by one, whatever the parallelization factor, and
 * the starting position "latest" is found by passing over what there is.
 * @returns what was done; without `once` it ends only where the stream is switched off.
 * @throws {StreamGoneError} {@link CheckpointError}, and the signal's reason when it is aborted.
 */
export async function runConsumer(run: ConsumerRun): Promise<ConsumerCounts> {
  const consumer = new Consumer(run);
  if (run.startingPosition === "latest" && run.checkpoint.isNew) await consumer.skip();
  await consumer.consume();
  return consumer.counts;
}
