import { canonicalItem, hash128 } from "../../dynamo/canonical-item.ts";
import { type DeclaredWrites, matchesPattern } from "../../dynamo/item-pattern.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { LeftOut } from "./proof.ts";

/** Hashes items without the attributes that declared writes account for. */
export class ItemHasher {
  readonly #writes: readonly DeclaredWrites[];
  readonly #counts: number[];

  constructor(writes: readonly DeclaredWrites[]) {
    this.#writes = writes;
    this.#counts = writes.map(() => 0);
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
