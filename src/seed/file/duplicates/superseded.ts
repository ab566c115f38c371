import type { SeedRecord } from "../records.ts";

/** Records of a file that are left out in favour of others: one bit each. */
export class Superseded {
  #bits = new Uint8Array(0);
  #count = 0;

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** @param ordinal the record's, from 1 */
  add(ordinal: number): void {
    const byte = ordinal >>> 3;
    if (byte >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(1024, byte * 2));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[byte] = (this.#bits[byte] as number) | (1 << (ordinal & 7));
    this.#count += 1;
  }

  has(ordinal: number): boolean {
    if (this.#count === 0) return false;
    return ((this.#bits[ordinal >>> 3] ?? 0) & (1 << (ordinal & 7))) !== 0;
  }
}

/** A file's records without those that are left out. */
export async function* withoutSuperseded(
  records: AsyncIterable<SeedRecord>,
  superseded: Superseded,
): AsyncGenerator<SeedRecord> {
  let ordinal = 0;
  for await (const record of records) {
    ordinal += 1;
    if (!superseded.has(ordinal)) yield record;
  }
}
