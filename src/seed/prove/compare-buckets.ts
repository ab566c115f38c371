import { canonicalKey } from "../../dynamo/canonical-item.ts";
import { HASH_WORDS, hash128 } from "../../dynamo/hash128.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { HashIndex } from "../file/hash-index.ts";
import { itemsOf } from "../file/items-of.ts";
import { PlaceNumbers } from "../file/place-numbers.ts";
import { BucketSums } from "./bucket-sums.ts";
import { KeyReader } from "./key-reader.ts";
import type { ProofScope } from "./proof.ts";
import type { Comparison } from "./proof-subject.ts";

/** What a second pass needs to know. */
export interface SecondPass extends Comparison {
  readonly scope: ProofScope;
  /** The buckets in which table and file differ. */
  readonly differing: readonly number[];
  readonly buckets: number;
  /** Items of the file in each bucket. */
  readonly fileCounts: Uint32Array;
  /** Items of the file that are held at once. */
  readonly itemsPerRound: number;
  readonly segments: number | undefined;
  readonly retryDeadlineMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

const NOT_IN_FILE = -1;

/** A key at which something seemed to differ. */
interface Candidate {
  readonly key: StoredItem;
  /** Where the file's item stands in the round's index. */
  readonly slot: number;
  /** By its Time to Live it may be gone. */
  readonly mayBeGone?: boolean;
}

/** Divides buckets into rounds of at most `itemsPerRound` items of the file, at least one bucket each. */
function planRounds({ differing, fileCounts, itemsPerRound }: SecondPass): Set<number>[] {
  const rounds: Set<number>[] = [];
  let items = Number.POSITIVE_INFINITY;
  for (const bucket of differing) {
    const count = fileCounts[bucket] ?? 0;
    if (items + count > itemsPerRound) {
      rounds.push(new Set());
      items = 0;
    }
    rounds.at(-1)?.add(bucket);
    items += count;
  }
  return rounds;
}

/** One round: the file's items of some buckets, held by their hashes, against the table's. */
class Round {
  readonly #pass: SecondPass;
  readonly #buckets: ReadonlySet<number>;
  readonly #keyNames: readonly string[];
  readonly #index = new HashIndex(HASH_WORDS);
  readonly #again: KeyReader<Candidate>;
  readonly #places = new PlaceNumbers();
  #met = new Uint8Array(0);

  constructor(pass: SecondPass, buckets: ReadonlySet<number>) {
    this.#pass = pass;
    this.#buckets = buckets;
    const { client, table, keys } = pass.subject;
    this.#keyNames = primaryKeyNames(keys);
    const { signal, retryDeadlineMs } = pass;
    const place = { client, table, keyNames: this.#keyNames, signal, retryDeadlineMs };
    this.#again = new KeyReader(place, (candidate, now) => this.#judge(candidate, now));
  }

  async run(): Promise<void> {
    await this.#indexFile();
    this.#met = new Uint8Array(this.#index.capacity);
    await this.#meetTable();
    await this.#findMissing();
    await this.#again.flush();
  }

  #isMine(keyHash: Buffer): boolean {
    return this.#buckets.has(BucketSums.bucketOf(keyHash, this.#pass.buckets));
  }

  async #indexFile(): Promise<void> {
    const { subject, hasher, signal } = this.#pass;
    for await (const seed of itemsOf(subject.readFile(), signal)) {
      const keyHash = hash128(seed.key);
      if (!this.#isMine(keyHash)) continue;
      this.#index.add(keyHash, this.#places.numberOf(seed), hasher.hash(seed.item));
    }
  }

  async #meetTable(): Promise<void> {
    const { subject, segments, retryDeadlineMs, signal } = this.#pass;
    const scan = { table: subject.table, segments, retryDeadlineMs, signal };
    await scanSegments(subject.client, scan, async (items) => {
      for (const item of items) await this.#meet(item);
    });
  }

  async #meet(item: StoredItem): Promise<void> {
    const keyHash = hash128(canonicalKey(item, this.#keyNames));
    if (!this.#isMine(keyHash)) return;
    const slot = this.#index.find(keyHash);
    if (slot === NOT_IN_FILE) return this.#meetExtra(item);
    this.#met[slot] = 1;
    if (!this.#index.extraEquals(slot, this.#pass.hasher.hash(item)))
      await this.#again.add({ key: this.#keyOf(item), slot });
  }

  async #meetExtra(item: StoredItem): Promise<void> {
    // Where extra items are allowed, they are counted and nothing else.
    if (this.#pass.scope === "contained") this.#pass.found.allowExtra();
    else await this.#again.add({ key: this.#keyOf(item), slot: NOT_IN_FILE });
  }

  async #findMissing(): Promise<void> {
    const { subject, expiring, signal } = this.#pass;
    for await (const seed of itemsOf(subject.readFile(), signal)) {
      const keyHash = hash128(seed.key);
      if (!this.#isMine(keyHash)) continue;
      const slot = this.#index.find(keyHash);
      if (slot === NOT_IN_FILE || this.#met[slot] !== 0) continue;
      const { item } = seed;
      await this.#again.add({ key: this.#keyOf(item), slot, mayBeGone: expiring?.has(item) ?? false });
    }
  }

  #keyOf(item: StoredItem): StoredItem {
    return Object.fromEntries(this.#keyNames.map((name) => [name, item[name] ?? { NULL: true }]));
  }

  /** Judges a key by what stands there now: only what still differs counts. */
  async #judge({ key, slot, mayBeGone }: Candidate, now: StoredItem | undefined): Promise<void> {
    const { found, hasher, expiring } = this.#pass;
    if (slot === NOT_IN_FILE) {
      if (now) await found.add({ kind: "extra", key });
      return;
    }
    if (now && this.#index.extraEquals(slot, hasher.hash(now))) return;
    if (!now && mayBeGone) {
      expiring?.noteGone();
      return;
    }
    const { source, line } = this.#places.placeOf(this.#index.numberAt(slot));
    const place = { ...(source !== undefined && { source }), line };
    await found.add({ kind: now ? "different" : "missing", key, ...place });
  }
}

/** Finds the keys at which table and file differ, going over the buckets that differ only. */
export async function compareBuckets(pass: SecondPass): Promise<void> {
  for (const buckets of planRounds(pass)) await new Round(pass, buckets).run();
}
