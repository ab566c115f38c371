import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { classifyFailure } from "../../dynamo/classify.ts";
import type { Clock } from "../../dynamo/clock.ts";
import { indexDesignOf, type Sender } from "../../dynamo/describe.ts";
import { NotReadyError } from "../../dynamo/errors.ts";
import { membershipOf } from "../../dynamo/index-entry.ts";
import { type StoredItem, scanSegments } from "../../dynamo/scan.ts";
import type { IndexDesign } from "../../dynamo/table-design.ts";
import { waitUntil } from "../../dynamo/wait-until.ts";
import { ReadsStoppedError } from "../errors.ts";
import type { ExpiringItems } from "./expiring-items.ts";

/** A global secondary index of the live table. */
export interface LiveIndex {
  readonly name: string;
  readonly design: IndexDesign;
  /** It is being made or filled: what is in it says nothing yet. */
  readonly isBuilding: boolean;
}

/** Whether an index holds as many entries as the table's items make. */
export interface IndexCount {
  readonly index: string;
  /** Items of the table that have all its key attributes, with the right types. */
  readonly expected: number;
  /** How many of these items expire, so that they may be gone by now; left out where none does. */
  readonly expiring?: number | undefined;
  /** Entries that were counted last; undefined where none could be. */
  readonly found?: number | undefined;
  readonly status: "equal" | "indeterminate" | "building";
  /** What kept it from an answer. */
  readonly message?: string | undefined;
}

/** Where and how entries are counted. */
export interface CountPlace {
  readonly client: Sender;
  readonly table: string;
  readonly segments: number | undefined;
  /** How long an index may lag behind its table, in seconds. */
  readonly timeoutSeconds: number;
  readonly retryDeadlineMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock | undefined;
  readonly onCounted: ((count: CountSoFar) => void) | undefined;
}

/** How far the count of an index has come. */
export interface CountSoFar extends Pick<IndexCount, "index" | "expected"> {
  readonly entries: number;
}

/** Each count goes over the whole index, and is paid for. */
const POLL_MS = 1_000;

/** The global indexes of a live table. */
export function liveIndexes(description: TableDescription): LiveIndex[] {
  return (description.GlobalSecondaryIndexes ?? []).flatMap(({ IndexName, IndexStatus, Backfilling }) => {
    const design = IndexName === undefined ? undefined : indexDesignOf(description, IndexName);
    if (IndexName === undefined || !design) return [];
    return [{ name: IndexName, design, isBuilding: IndexStatus !== "ACTIVE" || Backfilling === true }];
  });
}

async function countEntries(place: CountPlace, { index, expected }: Expected): Promise<number> {
  let entries = 0;
  const scan = { ...place, index, consistent: false, countOnly: true };
  await scanSegments(place.client, scan, (_, count) => {
    entries += count;
    place.onCounted?.({ index, expected, entries });
  });
  return entries;
}

/** What an index must hold. */
type Expected = Pick<IndexCount, "index" | "expected" | "expiring">;

/** Counts an index until it holds what its table's items make: it follows the table with a delay. */
async function awaitCount(place: CountPlace, wanted: Expected): Promise<IndexCount> {
  const { index, expected, expiring = 0 } = wanted;
  let found: number | undefined;
  try {
    await waitUntil<void>(
      async () => {
        found = await countEntries(place, wanted);
        if (found <= expected && found >= expected - expiring) return { state: "ready", value: undefined };
        return { state: "changing", what: `index ${index}`, status: `at ${found} of ${expected} entries` };
      },
      { ...place, pollMs: POLL_MS, patienceMs: 0 },
    );
    return { ...wanted, found, status: "equal" };
  } catch (error) {
    place.signal?.throwIfAborted();
    const isKnown = error instanceof NotReadyError || error instanceof ReadsStoppedError;
    // The table has been compared: what keeps its index from being counted must not hide that.
    if (!isKnown && classifyFailure(error) === "unknown") throw error;
    const message = error instanceof Error ? error.message || error.name : String(error);
    return { ...wanted, found, status: "indeterminate", message };
  }
}

/** Counts, item by item of the table, what each of its indexes must hold. */
export class IndexExpectations {
  readonly #indexes: readonly { readonly live: LiveIndex; expected: number; expiring: number }[];
  readonly #expiring: ExpiringItems | undefined;

  /** @param expiring undefined where nothing of the table expires */
  constructor(indexes: readonly LiveIndex[], expiring: ExpiringItems | undefined) {
    this.#indexes = indexes.map((live) => ({ live, expected: 0, expiring: 0 }));
    this.#expiring = expiring;
  }

  add(item: StoredItem): void {
    for (const index of this.#indexes) {
      if (membershipOf(item, index.live.design).state !== "entry") continue;
      index.expected += 1;
      if (this.#expiring?.has(item)) index.expiring += 1;
    }
  }

  /** Counts the entries of each index, and holds them against what was expected. */
  async compare(place: CountPlace): Promise<IndexCount[]> {
    const counts: IndexCount[] = [];
    for (const { live, expected, expiring } of this.#indexes) {
      const wanted = { index: live.name, expected, ...(expiring > 0 && { expiring }) };
      counts.push(live.isBuilding ? { ...wanted, status: "building" } : await awaitCount(place, wanted));
    }
    return counts;
  }
}
