import { hash128 } from "../../dynamo/hash128.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { itemsOf } from "../file/items-of.ts";
import type { ItemPlace } from "../file/place-numbers.ts";
import type { SeedItem } from "../file/records.ts";
import { KeyReader } from "./key-reader.ts";
import type { Sample } from "./proof.ts";
import type { ProofOptions } from "./proof-options.ts";
import type { SampleRequest } from "./proof-request.ts";
import type { Comparison } from "./proof-subject.ts";

/** An item of the file, looked up by its key. */
interface Candidate {
  readonly key: StoredItem;
  readonly hash: Buffer;
  readonly place: ItemPlace;
  /** By its Time to Live it may be gone. */
  readonly mayBeGone: boolean;
}

/** Where a key stands between 0 and 1, evenly spread over the keys, and otherwise for each seed. */
function positionOf(key: string, seed: number): number {
  return hash128(`${seed}\n${key}`).readUInt32LE(0) / 2 ** 32;
}

/** Compares a share of a file's items, at least one, with what a table has at their keys. */
export async function proveSample(
  comparison: Comparison,
  sample: SampleRequest,
  options: ProofOptions,
): Promise<Sample> {
  const { subject, hasher, found, expiring } = comparison;
  const { client, table } = subject;
  const { signal, retryDeadlineMs, clock } = options;
  const keyNames = primaryKeyNames(subject.keys);
  const where = { client, table, keyNames, signal, retryDeadlineMs, clock };
  let items = 0;

  const isEqual = ({ hash }: Candidate, now: StoredItem | undefined) =>
    now !== undefined && hasher.hash(now).equals(hash);
  const again = new KeyReader<Candidate>(where, async (candidate, now) => {
    if (isEqual(candidate, now)) return;
    const { key, place, mayBeGone } = candidate;
    if (!now && mayBeGone) expiring?.noteGone();
    else await found.add({ kind: now ? "different" : "missing", key, ...place });
  });
  const reader = new KeyReader<Candidate>(where, async (candidate, now) => {
    if (now) hasher.count(now);
    if (!isEqual(candidate, now)) await again.add(candidate);
  });
  const look = async ({ item, source, line }: SeedItem) => {
    items += 1;
    expiring?.count(item);
    const key = Object.fromEntries(keyNames.map((name) => [name, item[name] ?? { NULL: true }]));
    const place = { ...(source !== undefined && { source }), line };
    await reader.add({ key, hash: hasher.hash(item), place, mayBeGone: expiring?.has(item) ?? false });
  };

  let of = 0;
  let first: { readonly seed: SeedItem; readonly position: number } | undefined;
  for await (const seed of itemsOf(subject.readFile(), signal)) {
    of += 1;
    const position = positionOf(seed.key, sample.seed);
    if (position < sample.percent / 100) await look(seed);
    else if (items === 0 && position < (first?.position ?? 1)) first = { seed, position };
  }
  // A share of few items may hold none: then the one that a larger share would hold first.
  if (items === 0 && first) await look(first.seed);
  await reader.flush();
  await again.flush();
  return { ...sample, items, of };
}
