import { canonicalItem } from "../../dynamo/canonical-item.ts";
import { hash128 } from "../../dynamo/hash128.ts";
import { type DeclaredWrites, matchesPattern } from "../../dynamo/item-pattern.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { LeftOut } from "./proof.ts";

/** Declared writes with one entry a pattern: two steps may write to the same items. */
function mergeWrites(writes: readonly DeclaredWrites[]): DeclaredWrites[] {
  const merged = new Map<string, DeclaredWrites>();
  for (const { where, attributes } of writes) {
    const pattern = JSON.stringify(Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = merged.get(pattern)?.attributes ?? [];
    merged.set(pattern, { where, attributes: [...new Set([...known, ...attributes])] });
  }
  return [...merged.values()];
}

/** Hashes items without the attributes that declared writes account for. */
export class ItemHasher {
  readonly #writes: readonly DeclaredWrites[];
  readonly #counts: number[];

  constructor(writes: readonly DeclaredWrites[]) {
    this.#writes = mergeWrites(writes);
    this.#counts = this.#writes.map(() => 0);
  }

  hash(item: StoredItem): Buffer {
    const omitted = new Set(this.#present(item).flatMap(({ attributes }) => attributes));
    if (omitted.size === 0) return hash128(canonicalItem(item));
    const rest = Object.entries(item).filter(([name]) => !omitted.has(name));
    return hash128(canonicalItem(Object.fromEntries(rest)));
  }

  /** Counts an item of the table for {@link report}. */
  count(item: StoredItem): void {
    for (const write of this.#present(item)) {
      const index = this.#writes.indexOf(write);
      this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    }
  }

  /** The declared writes that an item shows. */
  #present(item: StoredItem): DeclaredWrites[] {
    return this.#writes.filter(
      ({ where, attributes }) =>
        attributes.some((name) => Object.hasOwn(item, name)) && matchesPattern(item, where),
    );
  }

  report(): LeftOut[] {
    return this.#writes.map((write, index) => ({ ...write, items: this.#counts[index] ?? 0 }));
  }
}
