import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalItem, hash128 } from "../../../src/dynamo/canonical-item.ts";
import { itemBytes } from "../../../src/dynamo/item-size.ts";
import { BYTES_PER_WRITE_UNIT, MAX_BATCH_WRITE_ITEMS, MAX_ITEM_BYTES } from "../../../src/dynamo/limits.ts";
import type { StoredItem } from "../../../src/dynamo/scan.ts";
import { Refusal } from "./refusal.ts";

/** Names that electrodb adds to each item; the file cannot have them. */
const ADDED_BY_LIBRARIES = /^__edb_/;

interface PutEntry {
  readonly PutRequest?: { readonly Item: StoredItem };
}

/** A request's items as they came, to be looked at when the run is over. */
interface KeptRequest {
  readonly body: Buffer;
  readonly itemsOf: (body: unknown) => StoredItem[];
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

function keyText(value: AttributeValue | undefined): string {
  const text = value?.S;
  if (text === undefined) throw Refusal.validation("The provided key element does not match the schema");
  if (text === "") {
    throw Refusal.validation(
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value.",
    );
  }
  return text;
}

const keyOf = ({ PK, SK }: StoredItem) => `${keyText(PK)}\0${keyText(SK)}`;

function contentOf(item: StoredItem): string {
  const own = Object.entries(item).filter(([name]) => !ADDED_BY_LIBRARIES.test(name));
  return hash128(canonicalItem(Object.fromEntries(own))).toString("latin1");
}

/** How the table that is loaded behaves. */
export interface LoadedTableOptions {
  /** The table's name. */
  readonly name: string;
  /** The share of items that a batch leaves over, 0 to below 1. */
  readonly unprocessed: number;
  /** Between 0 and 1: which items are left over. */
  readonly random: () => number;
  /** Write units of each item's base entry are multiplied by this: 2 with an index. */
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
  readonly #kept: KeptRequest[] = [];
  readonly #options: LoadedTableOptions;

  constructor(options: LoadedTableOptions) {
    this.#options = options;
  }

  /** @throws {Refusal} as DynamoDB refuses */
  batchWrite(
    body: Buffer,
    request: { RequestItems?: Record<string, PutEntry[]>; ReturnConsumedCapacity?: string },
  ): string {
    this.requests += 1;
    const { name, entriesPerItem } = this.#options;
    const entries = request.RequestItems?.[name] ?? [];
    if (entries.length === 0 || entries.length > MAX_BATCH_WRITE_ITEMS) {
      throw Refusal.validation(
        `1 validation error detected: Value at 'requestItems.${name}.member' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]`,
      );
    }
    const items = entries.map(putItem);
    this.#judge(items, body.length);
    const keys = new Set(items.map(keyOf));
    if (keys.size < items.length) {
      throw Refusal.validation("Provided list of item keys contains duplicates");
    }
    const leftOver = this.#chooseLeftOver(items.length);
    this.#keep({ body, itemsOf: batchItems(name), leftOver }, items.length - leftOver.size);
    const units = (items.length - leftOver.size) * unitsOf(body.length / items.length) * entriesPerItem;
    if (leftOver.size === 0 && !request.ReturnConsumedCapacity) return '{"UnprocessedItems":{}}';
    const left = entries.filter((_, position) => leftOver.has(position));
    return JSON.stringify({
      UnprocessedItems: left.length > 0 ? { [name]: left } : {},
      ...(request.ReturnConsumedCapacity && {
        ConsumedCapacity: [
          { TableName: name, CapacityUnits: units, Table: { CapacityUnits: units / entriesPerItem } },
        ],
      }),
    });
  }

  /** @throws {Refusal} as DynamoDB refuses */
  put(
    body: Buffer,
    { Item, ConditionExpression }: { Item: StoredItem; ConditionExpression?: string },
  ): string {
    this.requests += 1;
    if (ConditionExpression) throw Refusal.validation("the sink judges no conditions of the loaded table");
    this.#judge([Item], body.length);
    keyOf(Item);
    this.#chooseLeftOver(1);
    this.#keep(
      { body, itemsOf: (parsed) => [(parsed as { Item: StoredItem }).Item], leftOver: new Set() },
      1,
    );
    return "{}";
  }

  /** Compares what was written with what should be there. Only where items are kept. */
  async compare(expected: AsyncIterable<StoredItem>): Promise<Comparison> {
    const stored = new Map<string, string>();
    for (const { body, itemsOf, leftOver } of this.#kept) {
      for (const [position, item] of itemsOf(JSON.parse(body.toString())).entries()) {
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

  #judge(items: readonly StoredItem[], bodyBytes: number): void {
    // An item never takes more bytes in the table than in a request.
    if (bodyBytes <= MAX_ITEM_BYTES) return;
    if (items.some((item) => itemBytes(item) > MAX_ITEM_BYTES)) {
      throw Refusal.validation("Item size has exceeded the maximum allowed size");
    }
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

  #keep(request: KeptRequest, written: number): void {
    this.written += written;
    if (this.#options.keepItems) this.#kept.push(request);
  }
}

function putItem({ PutRequest }: PutEntry): StoredItem {
  if (!PutRequest) throw Refusal.validation("the sink takes puts only");
  return PutRequest.Item;
}

const batchItems = (table: string) => (body: unknown) =>
  ((body as { RequestItems: Record<string, PutEntry[]> }).RequestItems[table] ?? []).map(putItem);

/** Near enough for a sink: the text of an item is a little longer than what is stored of it. */
const unitsOf = (bytes: number) => Math.ceil(bytes / BYTES_PER_WRITE_UNIT);
