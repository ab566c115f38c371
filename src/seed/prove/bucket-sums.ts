const LANES = 4;

/**
 * Sums of item hashes by bucket, the same in whichever order the items come. Each bucket holds a count
 * and the sums of the four 32-bit words of its items' 128-bit hashes: two sides that hold different
 * items agree by chance once in 2^128. With 65,536 buckets that is 1.3 MB, however many the items.
 */
export class BucketSums {
  readonly buckets: number;
  readonly counts: Uint32Array;
  readonly #sums: Uint32Array;

  /** @param buckets a power of two up to 65,536 */
  constructor(buckets: number) {
    this.buckets = buckets;
    this.counts = new Uint32Array(buckets);
    this.#sums = new Uint32Array(buckets * LANES);
  }

  /** The bucket of a key's hash: by its last bytes, as hash tables go by the first. */
  static bucketOf(keyHash: Buffer, buckets: number): number {
    return keyHash.readUInt16LE(keyHash.length - 2) & (buckets - 1);
  }

  add(keyHash: Buffer, itemHash: Buffer): void {
    const bucket = BucketSums.bucketOf(keyHash, this.buckets);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    for (let lane = 0; lane < LANES; lane += 1) {
      const at = bucket * LANES + lane;
      // Uint32Array keeps the sum modulo 2^32.
      this.#sums[at] = (this.#sums[at] ?? 0) + itemHash.readUInt32LE(lane * 4);
    }
  }

  /** All items counted. */
  total(): number {
    return this.counts.reduce((total, count) => total + count, 0);
  }

  /** The buckets in which two sides do not hold the same. */
  differing(other: BucketSums): number[] {
    const found: number[] = [];
    for (let bucket = 0; bucket < this.buckets; bucket += 1) {
      if (!this.#equals(other, bucket)) found.push(bucket);
    }
    return found;
  }

  #equals(other: BucketSums, bucket: number): boolean {
    if (this.counts[bucket] !== other.counts[bucket]) return false;
    for (let at = bucket * LANES; at < (bucket + 1) * LANES; at += 1) {
      if (this.#sums[at] !== other.#sums[at]) return false;
    }
    return true;
  }
}
