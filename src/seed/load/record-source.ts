import type { SeedRecord } from "../file/records.ts";

/** Records that come in chunks, one at a time: a promise is made for a chunk, not for each of them. */
export class RecordSource {
  readonly #chunks: AsyncIterator<Iterable<SeedRecord>>;
  #current: Iterator<SeedRecord> | undefined;

  constructor(chunks: AsyncIterable<Iterable<SeedRecord>>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next record at hand; undefined where {@link more} has to be asked for them. */
  take(): SeedRecord | undefined {
    const next = this.#current?.next();
    if (next && !next.done) return next.value;
    this.#current = undefined;
    return undefined;
  }

  /** Gets the next chunk. @returns false where there is none */
  async more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done) return false;
    this.#current = next.value[Symbol.iterator]();
    return true;
  }

  /** Leaves what was not read. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
