import { OPEN_VIEW } from "../../dynamo/item-view.ts";
import type { SeedItem, TableKeys } from "../file/records.ts";
import { type ResourceUnits, unitsByResource } from "../file/write-units.ts";
import { type HeavyHitter, HeavyHitters } from "./heavy-hitters.ts";

/** Keys that a sketch keeps for certain, for each table and index: no share is off by more than 0.1 %. */
const KEPT_KEYS = 1_000;
const SHOWN_KEYS = 5;

/** What a load writes to the table, or to an index. */
export interface ResourceProfile {
  /** Undefined: the table itself. */
  readonly index: string | undefined;
  readonly items: number;
  readonly writeUnits: number;
  /** The attribute that the keys are values of. */
  readonly partitionKey: string;
  /** The partition keys that take the most write units: weights are write units, counts items. */
  readonly hottest: readonly HeavyHitter[];
  /** Write units that a key may have more than is told. */
  readonly error: number;
}

class Resource {
  items = 0;
  writeUnits = 0;
  readonly keys = new HeavyHitters(KEPT_KEYS);
  readonly index: string | undefined;
  readonly partitionKey: string;

  constructor(index: string | undefined, partitionKey: string) {
    this.index = index;
    this.partitionKey = partitionKey;
  }

  add({ item }: { item: SeedItem["item"] }, units: number): void {
    this.items += 1;
    this.writeUnits += units;
    const value = item[this.partitionKey];
    if (value) this.keys.add(OPEN_VIEW.key({ [this.partitionKey]: value }), units);
  }

  profile(): ResourceProfile {
    const { index, items, writeUnits, partitionKey, keys } = this;
    return { index, items, writeUnits, partitionKey, hottest: keys.top(SHOWN_KEYS), error: keys.error };
  }
}

/** Adds up what a load would write to the table and to each of its indexes, item by item. */
export class LoadProfile {
  readonly #keys: TableKeys;
  readonly #table: Resource;
  readonly #indexes: ReadonlyMap<string, Resource>;

  constructor(keys: TableKeys) {
    this.#keys = keys;
    this.#table = new Resource(undefined, keys.partitionKey.name);
    this.#indexes = new Map(
      Object.entries(keys.indexes).map(([name, { partitionKey }]) => [
        name,
        new Resource(name, partitionKey.name),
      ]),
    );
  }

  add({ item, bytes }: Pick<SeedItem, "item" | "bytes">): void {
    const units: ResourceUnits = unitsByResource({ item, bytes }, this.#keys);
    const parsed = { item };
    this.#table.add(parsed, units.table);
    for (const [name, index] of units.indexes) this.#indexes.get(name)?.add(parsed, index);
  }

  /** The table first. */
  resources(): ResourceProfile[] {
    return [this.#table, ...this.#indexes.values()].map((resource) => resource.profile());
  }
}
