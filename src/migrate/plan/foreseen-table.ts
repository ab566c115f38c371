import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { canonicalKey } from "../../dynamo/canonical-item.ts";
import { chooseSegments } from "../../dynamo/choose-segments.ts";
import { indexDesignOf, keysOf, type Sender } from "../../dynamo/describe.ts";
import { itemBytes } from "../../dynamo/item-size.ts";
import { keyAttributes, keySchema, projectionOf } from "../../dynamo/key-schema.ts";
import { MAX_PAGE_BYTES } from "../../dynamo/limits.ts";
import { sampleItems } from "../../dynamo/sample-items.ts";
import type { StoredItem } from "../../dynamo/scan.ts";
import type { IndexDesign } from "../../dynamo/table-design.ts";
import type { Progress } from "../progress.ts";
import type { ScanSettings } from "../scan/scan-work.ts";
import type { NamedIndex } from "../steps/index-request.ts";

/** How much of a table a plan reads. */
export interface SampleBounds {
  /** Items; a table with more of them is sampled. Default 10,000: what happens to one item in a thousand shows. */
  readonly items?: number;
  /** Read units. Default 4,000: 16 MB of items. */
  readonly units?: number;
}

const SAMPLE_ITEMS = 10_000;
const SAMPLE_UNITS = 4_000;
/** A sample is drawn from so many places of the table at least: neighbours are alike. */
const SAMPLE_PLACES = 32;

/** Bytes of items by the segment of the run that reads them; one for all where a sample was read. */
export type SegmentBytes = readonly number[];

/** An index, as an update of an item pays for it. */
export interface ForeseenIndex {
  readonly name: string;
  readonly design: IndexDesign;
  /** Local indexes use the table's own capacity. */
  readonly isLocal: boolean;
}

/** What was read of a table. */
export interface ReadItems {
  readonly items: readonly { readonly item: StoredItem; readonly segment: number }[];
  /** Whether that was all there is. */
  readonly whole: boolean;
  readonly readUnits: number;
}

/** How many segments a run divides a table into. */
export const segmentsOfRun = (description: TableDescription, { segments }: ScanSettings = {}): number =>
  segments ?? chooseSegments(description.TableSizeBytes ?? 0);

/** Into how many segments the table is cut to be looked at. */
function segmentsToRead(description: TableDescription, maxItems: number, runSegments: number): number {
  const { ItemCount: items = 0, TableSizeBytes: bytes = 0 } = description;
  if (items <= maxItems) return runSegments;
  const ofItems = Math.ceil((items * SAMPLE_PLACES) / maxItems);
  return Math.max(runSegments, ofItems, Math.ceil(bytes / MAX_PAGE_BYTES));
}

/**
 * Reads a table whole, by consistent reads, or random segments of it where it has too much for that.
 * @param progress is told how far it is
 */
export async function readItems(
  { client, signal, patienceMs }: { client: Sender; signal?: AbortSignal | undefined; patienceMs: number },
  description: TableDescription,
  { scan, sample = {}, progress }: { scan?: ScanSettings; sample?: SampleBounds; progress: Progress },
): Promise<ReadItems> {
  const { items: maxItems = SAMPLE_ITEMS, units: maxUnits = SAMPLE_UNITS } = sample;
  const segments = segmentsToRead(description, maxItems, segmentsOfRun(description, scan));
  const read: { item: StoredItem; segment: number }[] = [];
  progress.pass(segments);
  const { whole, units } = await sampleItems(
    client,
    {
      table: description.TableName ?? "",
      segments,
      // One more than may be held: then it is known that there are more.
      maxItems: maxItems + 1,
      maxUnits,
      consistent: true,
      retryDeadlineMs: patienceMs,
      signal,
    },
    (page, segment) => {
      for (const item of page) read.push({ item, segment });
      progress.add({ skipped: page.length });
    },
  );
  return { items: read, whole, readUnits: units };
}

/**
 * A table as the steps of a plan would leave it, one after the other: what was read of it, in memory. Each step's
 * plan looks at it, and changes it as the step would.
 */
export class ForeseenTable {
  readonly keyNames: readonly string[];
  /** How many segments a run goes over, and how many items a page of it has at most. */
  readonly segments: number;
  readonly pageItems: number | undefined;
  readonly lookedAt: number;
  /** Whether all items are here. */
  readonly whole: boolean;
  /** Attributes whose values the steps before would change in a way that does not show in a sample, and why. */
  readonly #hidden = new Map<string, string>();
  readonly #items = new Map<string, StoredItem>();
  readonly #segments = new Map<string, number>();
  readonly #itemCount: number;
  #description: TableDescription;
  #blind: string | undefined;

  constructor(
    { items, whole }: ReadItems,
    description: TableDescription,
    keyNames: readonly string[],
    scan: ScanSettings = {},
  ) {
    this.keyNames = keyNames;
    this.segments = segmentsOfRun(description, scan);
    this.pageItems = scan.pageItems;
    this.lookedAt = items.length;
    this.whole = whole;
    this.#description = description;
    this.#itemCount = description.ItemCount ?? 0;
    for (const { item, segment } of items) {
      const key = this.keyText(item);
      this.#items.set(key, item);
      this.#segments.set(key, segment);
    }
  }

  /** The table's description, with the indexes that the steps before would make or drop. */
  get description(): TableDescription {
    return this.#description;
  }

  /** Whether what a plan says of its items is what a run would do, unless somebody writes meanwhile. */
  get isExact(): boolean {
    return this.whole && this.#blind === undefined;
  }

  /**
   * DynamoDB counts a table's items every six hours (API_TableDescription): where it knows of fewer than were
   * read, nobody knows how many there are.
   */
  get isCounted(): boolean {
    return this.whole || this.#itemCount > this.lookedAt;
  }

  /** How many items of the table one that was read stands for. */
  get factor(): number {
    return this.whole || this.lookedAt === 0 ? 1 : Math.max(1, this.#itemCount / this.lookedAt);
  }

  /** How many items the table has, as far as that is known. */
  get itemCount(): number {
    return this.whole ? this.#items.size : Math.max(this.#itemCount, this.lookedAt);
  }

  /** The step whose doings nobody knows beforehand, and which runs before. */
  get blindAfter(): string | undefined {
    return this.#blind;
  }

  keyText(key: StoredItem): string {
    return canonicalKey(key, this.keyNames);
  }

  items(): IterableIterator<StoredItem> {
    return this.#items.values();
  }

  get(keyText: string): StoredItem | undefined {
    return this.#items.get(keyText);
  }

  segmentOf(keyText: string): number {
    return this.#segments.get(keyText) ?? 0;
  }

  /** An item as a step would leave it. */
  set(item: StoredItem): void {
    this.#items.set(this.keyText(item), item);
  }

  /** Bytes of the items by segment. */
  bytes(): SegmentBytes {
    const bytes = Array.from({ length: this.whole ? this.segments : 1 }, () => 0);
    for (const [key, item] of this.#items) {
      const segment = this.whole ? this.segmentOf(key) : 0;
      bytes[segment] = (bytes[segment] ?? 0) + itemBytes(item);
    }
    return bytes;
  }

  indexes(): ForeseenIndex[] {
    const {
      GlobalSecondaryIndexes = [],
      LocalSecondaryIndexes = [],
      AttributeDefinitions,
    } = this.#description;
    const globals = GlobalSecondaryIndexes.flatMap(({ IndexName: name = "" }) => {
      const design = indexDesignOf(this.#description, name);
      return design ? [{ name, design, isLocal: false }] : [];
    });
    const locals = LocalSecondaryIndexes.map(({ IndexName: name = "", KeySchema, Projection }) => {
      const kind = Projection?.ProjectionType;
      const projection =
        kind === "INCLUDE" ? { include: Projection?.NonKeyAttributes ?? [] } : (kind ?? "ALL");
      return { name, design: { ...keysOf(KeySchema, AttributeDefinitions), projection }, isLocal: true };
    });
    return [...globals, ...locals];
  }

  /** From here on the index is there. */
  addIndex({ index, design }: NamedIndex): void {
    const keys = keyAttributes(design);
    const known = this.#description.AttributeDefinitions ?? [];
    const isNew = ({ name }: { name: string }) => !known.some(({ AttributeName }) => AttributeName === name);
    this.#description = {
      ...this.#description,
      AttributeDefinitions: [
        ...known,
        ...keys.filter(isNew).map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
      ],
      GlobalSecondaryIndexes: [
        ...(this.#description.GlobalSecondaryIndexes ?? []),
        {
          IndexName: index,
          IndexStatus: "ACTIVE",
          KeySchema: keySchema(design),
          Projection: projectionOf(design.projection),
        },
      ],
    };
  }

  /** From here on there is no such index. */
  dropIndex(index: string): void {
    const { GlobalSecondaryIndexes = [] } = this.#description;
    const left = GlobalSecondaryIndexes.filter(({ IndexName }) => IndexName !== index);
    this.#description = { ...this.#description, GlobalSecondaryIndexes: left };
  }

  /** A step whose doings cannot be known: from here on the items may be others. */
  blindFrom(step: string): void {
    this.#blind ??= step;
  }

  /** The values of these attributes cannot be known any more. @param why in words */
  hide(attributes: readonly string[], why: string): void {
    for (const name of attributes) this.#hidden.set(name, why);
  }

  /** Why it cannot be known what a step would do that looks at these attributes; undefined where it can. */
  hiddenAmong(attributes: readonly string[]): string | undefined {
    const name = attributes.find((attribute) => this.#hidden.has(attribute));
    return name === undefined ? undefined : `it looks at ${name}, ${this.#hidden.get(name)}`;
  }
}
