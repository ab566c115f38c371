import { fullJitter } from "../../dynamo/backoff.ts";
import { MAX_BATCH_WRITE_ITEMS } from "../../dynamo/limits.ts";
import type { Defect, DefectRecord, SeedItem } from "../file/records.ts";
import { LoadAccount } from "./account.ts";
import { Batch } from "./batch.ts";
import { Gate } from "./gate.ts";
import {
  DEFAULT_CONCURRENCY,
  DEFAULT_RETRY_DEADLINE_MS,
  type LoadOptions,
  type LoadOutcome,
} from "./load-options.ts";
import { ParkedItems } from "./parked-items.ts";
import { Leftovers, type PendingItem } from "./pending-item.ts";
import { type LoadRecord, RecordSource } from "./record-source.ts";
import type { BatchAnswer, BatchSender, FoundItem } from "./send-batch.ts";
import { remedyFor, type Stop } from "./stop.ts";
import { WaitingItems } from "./waiting-items.ts";
import { Window } from "./window.ts";

/** An item that came back so often is sent alone, to learn the reason: that of a batch's leftovers is not told. */
const PROBE_AFTER_ATTEMPTS = 3;
/** Where that told nothing, the next goes alone only after so long: the others go in full batches. */
const PROBE_INTERVAL_MS = 100;
/** Items that came back are due together, at the next of such steps: so they make full batches again. */
const GATHER_MS = 20;

class Loader {
  readonly account: LoadAccount;
  retriedItems = 0;
  requests = 0;
  consumedWriteUnits = 0;
  stop: Stop | undefined;

  readonly #send: BatchSender;
  readonly #source: RecordSource;
  readonly #options: LoadOptions;
  readonly #window: Window;
  readonly #capacity: number;
  readonly #batchItems: number;
  readonly #deadlineMs: number;
  readonly #leftovers = new Leftovers();
  readonly #parked: ParkedItems;
  readonly #changed = new Gate();
  /** Read, and not in a batch yet. */
  readonly #waiting = new WaitingItems();
  #sourceEnded = false;
  #inFlight = 0;
  #probe: { readonly item: PendingItem; readonly at: number } | undefined;
  /** When the first of a row of failures was, with no write since. */
  #failingSince: number | undefined;

  constructor(send: BatchSender, source: AsyncIterable<Iterable<LoadRecord>>, options: LoadOptions) {
    this.#send = send;
    this.#source = new RecordSource(source);
    this.#options = options;
    this.account = options.account ?? new LoadAccount();
    const { concurrency = DEFAULT_CONCURRENCY, batchItems = MAX_BATCH_WRITE_ITEMS } = options;
    this.#batchItems = batchItems;
    this.#parked = new ParkedItems(options.hotKeyTurns, this.#batchItems);
    this.#window = new Window(concurrency);
    this.#capacity = (concurrency + 1) * MAX_BATCH_WRITE_ITEMS;
    this.#deadlineMs = options.retryDeadlineMs ?? DEFAULT_RETRY_DEADLINE_MS;
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const onAbort = () => this.#stopFor({ kind: "interrupted", error: signal?.reason });
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      for (let batch = await this.#nextBatch(); batch; batch = await this.#nextBatch()) {
        const { items } = batch;
        this.#inFlight += items.length;
        await this.#window.admit(() => this.#deliver(items));
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      await this.#window.idle();
      await this.#source.close();
    }
    this.#abandonRest();
  }

  #stopFor(stop: Stop): void {
    const isFirst = this.stop === undefined;
    this.stop ??= stop;
    if (isFirst) this.#options.onStop?.();
    this.#changed.notify();
  }

  /** The next batch to send: items that came back first, then new ones; undefined when there is no more. */
  async #nextBatch(): Promise<Batch | undefined> {
    while (!this.stop) {
      const single = this.#nextProbe() ?? this.#parked.take();
      if (single) return single;
      const batch = new Batch(this.#batchItems);
      this.#leftovers.takeDue(performance.now(), (item) => this.#parked.park(item) || batch.add(item));
      this.retriedItems += batch.items.filter(({ attempts }) => attempts === 1).length;
      await this.#readAhead(batch.items.length);
      this.#fill(batch);
      if (batch.items.length > 0) return batch;
      if (this.#sourceEnded && this.#held() === 0) return undefined;
      await this.#changed.wait(this.#untilDue());
    }
    return undefined;
  }

  /** Milliseconds until something that was sent before may be sent again; undefined where time does not decide it. */
  #untilDue(): number | undefined {
    const waits = [this.#leftovers.untilDue(performance.now()), this.#parked.untilDue()];
    const due = waits.filter((wait) => wait !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** How many items exist that have not come to their fate. */
  #held(): number {
    return this.#inFlight + this.#leftovers.size + this.#parked.size + this.#waiting.size;
  }

  /** A batch of one item that came back again and again. */
  #nextProbe(): Batch | undefined {
    const now = performance.now();
    if (this.#probe && now - this.#probe.at < PROBE_INTERVAL_MS) return undefined;
    const item = this.#leftovers.takeMostSent(now, PROBE_AFTER_ATTEMPTS);
    if (!item) return undefined;
    this.#probe = { item, at: now };
    const probe = new Batch(1);
    probe.add(item);
    return probe;
  }

  /** Reads as much as may exist at once, where that makes a batch: what waits for a retry counts as well. */
  async #readAhead(taken: number): Promise<void> {
    const room = () => this.#capacity - this.#held() - taken;
    if (room() + this.#waiting.size < this.#batchItems) return;
    while (room() > 0 && !this.#sourceEnded && !this.stop) {
      const record = this.#source.take();
      if (!record) await this.#readMore();
      else {
        const rejecting = this.#take(record);
        if (rejecting) await rejecting;
      }
    }
  }

  /** Fills up a batch with new items; one of new items alone has to be full, as long as more can come. */
  #fill(batch: Batch): void {
    const mayBeSmall = batch.items.length > 0 || this.#sourceEnded;
    if (!mayBeSmall && this.#waiting.size < this.#batchItems) return;
    while (this.#waiting.take((item) => this.#parked.park(item) || batch.add(item)));
  }

  /** Has the source read on. One that fails ends here, and stops the load: what was read keeps its count. */
  async #readMore(): Promise<void> {
    try {
      this.#sourceEnded = !(await this.#source.more());
    } catch (error) {
      this.#sourceEnded = true;
      this.#stopFor({ kind: "failed", error });
    }
  }

  /** Counts a record, and keeps it where it is to be written. What is no item goes straight to the rejects. */
  #take(record: LoadRecord): Promise<void> | undefined {
    const ordinal = this.account.next();
    if (ordinal === undefined) return undefined;
    if (this.#options.superseded?.has(ordinal)) this.account.settle("superseded", [{ ordinal }]);
    else if (record.kind === "identical") this.account.settle("identical", [{ ordinal }]);
    else if (record.kind === "item")
      this.#waiting.add({ seed: record, ordinal, attempts: 0, refusals: 0, uncertain: false });
    else return this.#rejectText(record, ordinal);
    return undefined;
  }

  async #rejectText({ defects }: DefectRecord, ordinal: number): Promise<void> {
    this.account.settle("rejected", [{ ordinal }]);
    await this.#reject(defects);
  }

  /** Sends a batch and sees to each of its items. Never rejects: what went wrong is in `stop`. */
  async #deliver(items: readonly PendingItem[]): Promise<void> {
    const [first] = items;
    const sentBefore = first?.attempts;
    try {
      await this.#attempt(items);
      if (first && first === this.#probe?.item) this.#endProbe(first, sentBefore);
    } catch (error) {
      this.#stopFor({ kind: "failed", error });
    } finally {
      this.#inFlight -= items.length;
      this.#parked.done(items);
      const { retriedItems, requests, consumedWriteUnits } = this;
      const counts = this.account.tally.counts();
      this.#options.onProgress?.({ ...counts, retriedItems, requests, consumedWriteUnits });
      this.#changed.notify();
    }
  }

  /** Where a probe told something, that its item is settled or its key hot, the next may go at once. */
  #endProbe({ attempts, seed }: PendingItem, sentBefore: number | undefined): void {
    if (attempts === sentBefore || this.#parked.isHot(seed.partition)) this.#probe = undefined;
  }

  async #attempt(items: readonly PendingItem[]): Promise<void> {
    if (this.stop) return this.#comeBack(items, undefined);
    this.requests += 1;
    try {
      const answer = await this.#send(items.map(({ seed }) => seed));
      this.consumedWriteUnits += answer.writeUnits;
      await this.#succeed(items, answer);
    } catch (error) {
      await this.#recover(items, error);
    }
  }

  async #succeed(items: readonly PendingItem[], { unprocessed, found = [] }: BatchAnswer): Promise<void> {
    if (unprocessed.length === 0 && found.length === 0) {
      this.account.settle("written", items);
      this.#failingSince = undefined;
    } else await this.#sortOut(items, new Set(unprocessed), found);
  }

  /** Sees to the items of a batch of which not all were written. */
  async #sortOut(
    items: readonly PendingItem[],
    unprocessed: ReadonlySet<PendingItem["seed"]>,
    found: readonly FoundItem[],
  ): Promise<void> {
    const standing = new Map(found.map(({ seed, refusal }) => [seed, refusal]));
    const back = items.filter(({ seed }) => unprocessed.has(seed));
    this.account.settle(
      "written",
      items.filter(({ seed }) => !unprocessed.has(seed) && !standing.has(seed)),
    );
    if (back.length < items.length) this.#failingSince = undefined;
    // Where others were written, what comes back does so by chance, or for its own key.
    if (back.length < items.length) for (const item of back) item.refusals = 0;
    if (back.length > 0) this.#comeBack(back, undefined);
    for (const item of items) {
      if (!standing.has(item.seed)) continue;
      const refusal = standing.get(item.seed);
      if (refusal !== undefined) await this.#rejectItem(item, refusal);
      // Where an answer was lost before, it has met its own write.
      else this.account.settle(item.uncertain ? "written" : "identical", [item]);
    }
  }

  async #recover(items: readonly PendingItem[], error: unknown): Promise<void> {
    const remedy = remedyFor(error);
    if (remedy === "divide") return this.#divide(items, error);
    if (remedy === "againUncertain" || remedy === "stopUncertain")
      for (const item of items) item.uncertain = true;
    if (remedy === "stop" || remedy === "stopUncertain") this.#stopFor({ kind: "failed", error });
    this.#comeBack(items, error);
  }

  /** A refused batch is halved until the item that is refused stands alone: it must not sink the others. */
  async #divide(items: readonly PendingItem[], error: unknown): Promise<void> {
    const [only] = items;
    if (items.length === 1 && only) {
      this.#failingSince = undefined;
      return this.#rejectItem(only, error instanceof Error ? error.message : String(error));
    }
    const middle = Math.ceil(items.length / 2);
    await this.#attempt(items.slice(0, middle));
    await this.#attempt(items.slice(middle));
  }

  async #rejectItem(item: PendingItem, reason: string): Promise<void> {
    this.account.settle("rejected", [item]);
    const { source, line } = item.seed;
    await this.#reject([{ ...(source !== undefined && { source }), line, reason }], item.seed);
  }

  /** Hands a reject on. Where it cannot be kept, the load stops: its count is all that is known of it. */
  async #reject(defects: readonly Defect[], item?: SeedItem): Promise<void> {
    try {
      await this.#options.onReject(defects, item);
    } catch (error) {
      this.#stopFor({ kind: "failed", error });
    }
    const { maxRejects = 0 } = this.#options;
    if (this.account.tally.counts().rejected > maxRejects) this.#stopFor({ kind: "rejects", maxRejects });
  }

  /** Puts items back to be sent again after a wait; stops the load when nothing was written for too long. */
  #comeBack(items: readonly PendingItem[], error: unknown): void {
    const now = performance.now();
    for (const item of items) {
      item.attempts += 1;
      item.refusals += 1;
      const dueAt = now + fullJitter(item.refusals, this.#options.backoff);
      this.#leftovers.add(item, Math.ceil(dueAt / GATHER_MS) * GATHER_MS);
    }
    this.#failingSince ??= now;
    if (now - this.#failingSince >= this.#deadlineMs)
      this.#stopFor({ kind: "exhausted", error, deadlineMs: this.#deadlineMs });
  }

  /** Counts what the load leaves behind when it stops. */
  #abandonRest(): void {
    const rest = [...this.#leftovers.drain(), ...this.#parked.drain(), ...this.#waiting.drain()];
    for (const { uncertain } of rest) this.account.tally.settle(uncertain ? "unknown" : "unwritten");
  }
}

/**
 * Writes the items of a source in batches, a bounded number at once. Items that come back are sent
 * again, in full batches, after a wait with full jitter, until they are written or nothing could be
 * written for the whole retry deadline. At most `concurrency` + 1 batches of items exist at a time: the
 * source waits for the writes. Among these, neighbours of one partition are spread over batches. A batch
 * that is refused for one item is divided until that item stands alone, and goes to `onReject`; more of these
 * than `maxRejects` stop the load. A failure that waiting does not cure stops it at once.
 *
 * Every item read comes to exactly one fate in the tally, whichever way the load ends.
 * @param source records, chunk by chunk (see `readSeedChunks`)
 */
export async function loadItems(
  send: BatchSender,
  source: AsyncIterable<Iterable<LoadRecord>>,
  options: LoadOptions,
): Promise<LoadOutcome> {
  const loader = new Loader(send, source, options);
  await loader.run();
  const { account, retriedItems, requests, consumedWriteUnits, stop } = loader;
  return { tally: account.tally, retriedItems, requests, consumedWriteUnits, stop };
}
