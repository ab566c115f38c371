import { sleep } from "../dynamo/backoff.ts";
import { type ReadOptions, readShard, type ShardPosition } from "./read-shard.ts";
import { describeStream, shardsToRead } from "./shards.ts";

/** How a whole stream is read. */
export interface ReadStreamOptions extends ReadOptions {
  /** Where to go on in the shards that were read before; any other is read from its oldest record. */
  readonly positions: ReadonlyMap<string, ShardPosition>;
  /** The shards that were read to their end before. */
  readonly finished: ReadonlySet<string>;
  /** Milliseconds between two looks for new shards; a shard that ends is a reason to look at once. */
  readonly refreshMs?: number | undefined;
}

const REFRESH_MS = 10_000;

/** The shards of one stream that are being read now. */
class OpenShards {
  readonly finished: Set<string>;
  /** With `once`: read to where they stand. */
  readonly caughtUp = new Set<string>();
  readonly #reading = new Map<string, Promise<void>>();
  readonly #options: ReadStreamOptions;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ReadStreamOptions) {
    this.#options = options;
    this.finished = new Set(options.finished);
  }

  /** Begins with the shards that are not being read yet. */
  open(shardIds: readonly string[]): void {
    for (const shardId of shardIds) {
      if (this.#reading.has(shardId) || this.caughtUp.has(shardId)) continue;
      this.#reading.set(shardId, this.#read(shardId));
    }
  }

  async #read(shardId: string): Promise<void> {
    try {
      const position = this.#options.positions.get(shardId) ?? "oldest";
      const finished = await readShard(this.#options, shardId, position);
      (finished ? this.finished : this.caughtUp).add(shardId);
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#reading.delete(shardId);
    }
  }

  get none(): boolean {
    return this.#reading.size === 0;
  }

  /** Resolves when a shard has ended, or after a while. @throws what a shard failed with. */
  async change(milliseconds: number, signal: AbortSignal): Promise<void> {
    // Ended with the race, so that no timer is left behind.
    const waiting = new AbortController();
    const pause = sleep(milliseconds, AbortSignal.any([signal, waiting.signal])).catch(() => {});
    await Promise.race([pause, ...this.#reading.values()]);
    waiting.abort();
    if (this.#failure) throw this.#failure.error;
  }

  async allStopped(): Promise<void> {
    await Promise.all(this.#reading.values());
  }
}

/**
 * Reads a stream: each shard after its parent, shards side by side, and the shards that come to be
 * meanwhile. Ends with `once` where the stream stands now, and where it is switched off and read to its end.
 * A page that is being handled is handled to its end, whatever happens.
 * @throws {StreamGoneError}, what `onPage` throws, and the signal's reason when it is aborted.
 */
export async function readStream(options: ReadStreamOptions): Promise<void> {
  const { client, streamArn, once, signal, refreshMs = REFRESH_MS } = options;
  // One shard's failure stops the others.
  const stop = new AbortController();
  const shards = new OpenShards({ ...options, signal: AbortSignal.any([signal, stop.signal]) });
  try {
    for (;;) {
      signal.throwIfAborted();
      const state = await describeStream(client, streamArn, signal);
      shards.open(shardsToRead(state.shards, shards.finished));
      if (shards.none && (once || !state.enabled)) return;
      await shards.change(refreshMs, signal);
    }
  } catch (error) {
    // What a request in flight throws when it is aborted says less.
    signal.throwIfAborted();
    throw error;
  } finally {
    stop.abort();
    await shards.allStopped();
  }
}
