import { canonicalKey } from "../../dynamo/canonical-item.ts";
import { hash128 } from "../../dynamo/hash128.ts";
import { type StoredItem, scanPages } from "../../dynamo/scan.ts";
import { primaryKeyNames } from "../../dynamo/table-design.ts";
import { SeedFileChangedError } from "../errors.ts";
import { HashIndex } from "../file/hash-index.ts";
import { itemsOf } from "../file/items-of.ts";
import type { ProofSubject } from "../prove/proof-subject.ts";

/** A table, and the file whose keys it is to keep. */
export interface ReplaceSubject extends ProofSubject {
  /** What the check of the file found. */
  readonly checked: { readonly source: string; readonly items: number };
}

/** How the keys are looked for. */
export interface OtherKeysOptions {
  readonly signal?: AbortSignal | undefined;
  /** Give up on a page that cannot be read for so long, in milliseconds. Default 30,000. */
  readonly retryDeadlineMs?: number | undefined;
  /** Keys of the file that are held at once, up to 27 bytes each. Default {@link KEYS_PER_ROUND}. */
  readonly keysPerRound?: number | undefined;
}

/** As many as fill an index of 42 MB. */
export const KEYS_PER_ROUND = 1_500_000;

/** How often the table is scanned: once for so many keys of the file. */
export const roundsFor = (items: number, keysPerRound = KEYS_PER_ROUND) =>
  Math.max(1, Math.ceil(items / keysPerRound));

/** The file's keys whose turn it is. @throws {SeedFileChangedError} where the file has other items than when it was checked. */
async function indexKeys(
  { readFile, checked }: ReplaceSubject,
  isMine: (hash: Buffer) => boolean,
  signal: AbortSignal | undefined,
): Promise<HashIndex> {
  const index = new HashIndex();
  let items = 0;
  for await (const { key } of itemsOf(readFile(), signal)) {
    items += 1;
    const hash = hash128(key);
    if (isMine(hash) && index.find(hash) < 0) index.add(hash, 1);
  }
  if (items !== checked.items) {
    const { source } = checked;
    throw new SeedFileChangedError(source, { checked: checked.items, loaded: items });
  }
  return index;
}

/**
 * The primary keys in a table that are not in a file, page by page, by consistent reads. Memory is bounded: a
 * file of more keys than are held at once takes the table's keys in several rounds, each with a scan of its own.
 * @throws {SeedFileChangedError} before any key of a round is told.
 */
export async function* otherKeys(
  subject: ReplaceSubject,
  { signal, retryDeadlineMs, keysPerRound }: OtherKeysOptions = {},
): AsyncGenerator<StoredItem[]> {
  const keyNames = primaryKeyNames(subject.keys);
  const rounds = roundsFor(subject.checked.items, keysPerRound);
  for (let round = 0; round < rounds; round += 1) {
    const isMine = (hash: Buffer) => hash.readUInt32LE(12) % rounds === round;
    const index = await indexKeys(subject, isMine, signal);
    const isOther = (key: StoredItem) => {
      const hash = hash128(canonicalKey(key, keyNames));
      return isMine(hash) && index.find(hash) < 0;
    };
    const scan = { table: subject.table, attributes: keyNames, retryDeadlineMs, signal };
    for await (const keys of scanPages(subject.client, scan)) yield keys.filter(isOther);
  }
}

/** How many keys of a table are not in a file. */
export async function countOthers(subject: ReplaceSubject, options?: OtherKeysOptions): Promise<number> {
  let count = 0;
  for await (const keys of otherKeys(subject, options)) count += keys.length;
  return count;
}
