import { canonicalItem } from "../../../src/dynamo/canonical-item.ts";
import { hash128 } from "../../../src/dynamo/hash128.ts";
import { BYTES_PER_WRITE_UNIT, MAX_BATCH_WRITE_ITEMS } from "../../../src/dynamo/limits.ts";
import type { StoredItem } from "../../../src/dynamo/scan.ts";
import { batchItems, judgeSize, keyOf, readBatch } from "./batch-request.ts";
import { Refusal } from "./refusal.ts";

/** Names that electrodb adds to each item; the file cannot have them. */
const ADDED_BY_LIBRARIES = /^__edb_/;

/** What a request wrote, to be looked at when the run is over. */
interface KeptWrite {
  readonly items: () => StoredItem[];
  /** The positions of the items that were left over. */
  readonly leftOver: ReadonlySet<number>;
}

/** What is in the table, as compared with what the file says. */
export interface Comparison {
  /** Distinct keys in the table. */
  readonly stored: number;
  /** Items of the file that are not there. */
  readonly missing: number;
  /** Items of the file that are there with other content. */
  readonly different: number;
  /** Items that the file does not have. */
  readonly extra: number;
}

function contentOf(item: StoredItem): string {
  const own = Object.entries(item).filter(([name]) => !ADDED_BY_LIBRARIES.test(name));
  return hash128(canonicalItem(Object.fromEntries(own))).toString("latin1");
}

/** Near enough for a sink: the text of an item is a little longer than what is stored of it. */
const unitsOf = (bytes: number) => Math.ceil(bytes / BYTES_PER_WRITE_UNIT);

/** How the table that is loaded behaves. */
export interface LoadedTableOptions {
  readonly name: string;
  /** The share of items that a batch leaves over, 0 to below 1. */
  readonly unprocessed: number;
  /** Draws which items are left over. */
  readonly random: () => number;
  /** Entries that each item has in table and indexes. */
  readonly entriesPerItem: number;
  /** Keep what is written, to compare it. Off for inputs that would not fit. */
  readonly keepItems: boolean;
}

/**
 * The table that contestants load: keys PK and SK, both strings. Requests are judged when they come and kept
 * as bytes; what they wrote is worked out when the run is over, so that the sink takes little CPU meanwhile.
 */
export class LoadedTable {
  /** Requests to write, refused ones too. */
  requests = 0;
  /** Items written, each time they were. */
  written = 0;
  /** Items left over. */
  unprocessed = 0;
  readonly #kept: KeptWrite[] = [];
  readonly #options: LoadedTableOptions;

  constructor(options: LoadedTableOptions) {
    this.#options = options;
  }

  /**
   * @returns the answer's bytes as text
   * @throws {Refusal} as DynamoDB refuses
   */
  batchWrite(body: Buffer): string {
    this.requests += 1;
    const { name, entriesPerItem } = this.#options;
    const batch = readBatch(body, name);
    const { keys, wantsCapacity } = batch;
    if (keys.length === 0 || keys.length > MAX_BATCH_WRITE_ITEMS) {
      throw Refusal.validation(
        `1 validation error detected: Value at 'requestItems.${name}.member' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]`,
      );
    }
    if (new Set(keys).size < keys.length) {
      throw Refusal.validation("Provided list of item keys contains duplicates");
    }
    const leftOver = this.#chooseLeftOver(keys.length);
    const written = keys.length - leftOver.size;
    this.#keep({ items: () => batchItems(body, name), leftOver }, written);
    const left =
      leftOver.size === 0
        ? ""
        : `"${name}":[${[...leftOver].map((position) => batch.entry(position)).join(",")}]`;
    const units = written * unitsOf(body.length / keys.length);
    const capacity = `[{"TableName":"${name}","CapacityUnits":${units * entriesPerItem},"Table":{"CapacityUnits":${units}}}]`;
    return `{"UnprocessedItems":{${left}}${wantsCapacity ? `,"ConsumedCapacity":${capacity}` : ""}}`;
  }

  /** @throws {Refusal} as DynamoDB refuses */
  put(item: StoredItem): void {
    this.requests += 1;
    judgeSize(item);
    keyOf(item);
    this.#keep({ items: () => [item], leftOver: this.#chooseLeftOver(1) }, 1);
  }

  /** Compares what was written with what should be there. Only where items are kept. */
  async compare(expected: AsyncIterable<StoredItem>): Promise<Comparison> {
    const stored = new Map<string, string>();
    for (const { items, leftOver } of this.#kept) {
      for (const [position, item] of items().entries()) {
        if (!leftOver.has(position)) stored.set(keyOf(item), contentOf(item));
      }
    }
    let missing = 0;
    let different = 0;
    let found = 0;
    for await (const item of expected) {
      const content = stored.get(keyOf(item));
      if (content === undefined) missing += 1;
      else found += 1;
      if (content !== undefined && content !== contentOf(item)) different += 1;
    }
    return { stored: stored.size, missing, different, extra: stored.size - found };
  }

  /** @throws {Refusal} a throttle, where all would be left over: so DynamoDB does it. */
  #chooseLeftOver(count: number): Set<number> {
    const chosen = new Set<number>();
    const { unprocessed, random } = this.#options;
    if (unprocessed === 0) return chosen;
    for (let position = 0; position < count; position += 1) if (random() < unprocessed) chosen.add(position);
    if (chosen.size === count) {
      throw new Refusal(
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded.",
      );
    }
    this.unprocessed += chosen.size;
    return chosen;
  }

  #keep(write: KeptWrite, written: number): void {
    this.written += written;
    if (this.#options.keepItems) this.#kept.push(write);
  }
}
