import type { SeedRecord } from "../file/records.ts";

/** A record of a seed file, or that of an item which stands in the table already, equal: it need not be written. */
export type LoadRecord = SeedRecord | { readonly kind: "identical" };

/** Records that come in chunks, one at a time: a promise is made for a chunk, not for each of them. */
export class RecordSource {
  readonly #chunks: AsyncIterator<Iterable<LoadRecord>>;
  #current: Iterator<LoadRecord> | undefined;

  constructor(chunks: AsyncIterable<Iterable<LoadRecord>>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next record at hand; undefined where {@link more} has to be asked for them. */
  take(): LoadRecord | undefined {
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
