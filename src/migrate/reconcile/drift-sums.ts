import { hash128 } from "../../dynamo/hash128.ts";

/** So many sums are kept, whatever the table holds: 512 KB. */
const SUMS = 65_536;

/**
 * Tells which counters may differ from their members, in memory that does not grow with them. Each counter adds
 * to one of the sums its value, and takes 1 from it for each member, times a weight of its own: a sum is 0 where
 * all of its counters are right. That errors cancel out is as likely as that two hashes of 48 bits are equal.
 */
export class DriftSums {
  readonly #sums = new BigInt64Array(SUMS);
  readonly #suspect = new Set<number>();

  /** @param counter in one spelling @param amount undefined where it is no whole number */
  add(counter: string, amount: number | undefined): void {
    const hash = hash128(counter);
    const place = hash.readUInt16BE(0);
    if (amount === undefined) this.#suspect.add(place);
    else this.#sums[place] = (this.#sums[place] ?? 0n) + BigInt(amount) * BigInt(hash.readUIntBE(2, 6) + 1);
  }

  /** Whether some counter differs. */
  get isBalanced(): boolean {
    return this.#suspect.size === 0 && this.#sums.every((sum) => sum === 0n);
  }

  /** Whether this counter may be one that differs. */
  maySuspect(counter: string): boolean {
    const place = hash128(counter).readUInt16BE(0);
    return this.#suspect.has(place) || this.#sums[place] !== 0n;
  }
}
