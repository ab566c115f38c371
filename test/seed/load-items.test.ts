import fc from "fast-check";
import { expect, it } from "vitest";
import type { SeedItem, SeedRecord } from "../../src/seed/file/records.ts";
import { loadItems } from "../../src/seed/load/load-items.ts";
import type { BatchAnswer, BatchSender } from "../../src/seed/load/send-batch.ts";
import { seedItem } from "./support.ts";

const itemAt = (line: number) => seedItem({ PK: { S: `key-${line}` } }, line);

/** A source that counts what was asked of it. */
function countedSource(size: number) {
  const state = { given: 0 };
  async function* source(): AsyncGenerator<Iterable<SeedRecord>> {
    while (state.given < size) {
      state.given += 1;
      yield [itemAt(state.given)];
    }
  }
  return { state, source: source() };
}

/** A sink whose requests stay open until they are answered by hand. */
function heldSink() {
  const open: { items: readonly SeedItem[]; answer: (answer: BatchAnswer) => void }[] = [];
  const send: BatchSender = (items) => new Promise((answer) => open.push({ items, answer }));
  return { open, send };
}

const onReject = async () => {};
/** Lets everything that can go on without a sink's answer go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2_000; turn += 1) await Promise.resolve();
}

it("a stalled sink makes the reader wait: window + 1 batches exist, no more", async () => {
  const { state, source } = countedSource(10_000);
  const { open, send } = heldSink();
  const stop = new AbortController();
  const done = loadItems(send, source, { concurrency: 4, onReject, signal: stop.signal });
  await settle();
  expect(open).toHaveLength(4);
  expect(state.given).toBe(5 * 25);
  open.shift()?.answer({ unprocessed: [], writeUnits: 0 });
  await settle();
  expect(open).toHaveLength(4);
  expect(state.given).toBe(6 * 25);
  stop.abort(new Error("enough"));
  for (const request of open) request.answer({ unprocessed: [], writeUnits: 0 });
  const { tally } = await done;
  expect(tally.sum()).toMatchObject({ read: 150, written: 125, unwritten: 25 });
});

it("what waits for a retry counts as existing: a sink that takes nothing stops the reader", async () => {
  const { state, source } = countedSource(10_000);
  let sent = 0;
  const send: BatchSender = async (items) => {
    sent += 1;
    return { unprocessed: items, writeUnits: 0 };
  };
  const options = { concurrency: 4, onReject, retryDeadlineMs: 50, backoff: { baseMs: 1, capMs: 5 } };
  const { tally, stop } = await loadItems(send, source, options);
  expect(stop).toMatchObject({ kind: "exhausted" });
  expect(sent).toBeGreaterThan(5);
  expect(state.given).toBeLessThanOrEqual(5 * 25);
  expect(tally.sum()).toMatchObject({ read: state.given, unwritten: state.given });
});

it("the deadline counts from the last write: slow progress is progress", async () => {
  const { source } = countedSource(60);
  const send: BatchSender = async (items) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    // One item at a time: the whole takes far longer than the deadline.
    return { unprocessed: items.slice(1), writeUnits: 1 };
  };
  const options = { concurrency: 1, onReject, retryDeadlineMs: 150, backoff: { baseMs: 1, capMs: 1 } };
  const { tally, stop } = await loadItems(send, source, options);
  expect(stop).toBeUndefined();
  expect(tally.sum()).toMatchObject({ read: 60, written: 60 });
});

it("a source that breaks stops the load, and what was read is accounted for", async () => {
  const { send } = { send: (async () => ({ unprocessed: [], writeUnits: 0 })) satisfies BatchSender };
  async function* breaking(): AsyncGenerator<Iterable<SeedRecord>> {
    for (let line = 1; line <= 30; line += 1) yield [itemAt(line)];
    throw new Error("the disk is gone");
  }
  const { tally, stop } = await loadItems(send, breaking(), { onReject });
  expect(stop).toMatchObject({ kind: "failed", error: { message: "the disk is gone" } });
  const { read, written, unwritten } = tally.sum();
  expect(read).toBe(30);
  expect(written + unwritten).toBe(30);
});

it("neighbours of one partition are spread over the batches, within the same bound", async () => {
  const state = { given: 0 };
  async function* sorted(): AsyncGenerator<Iterable<SeedRecord>> {
    while (state.given < 1_000) {
      const partition = `p${Math.floor(state.given / 25)}`;
      state.given += 1;
      yield [seedItem({ PK: { S: partition } }, state.given)];
    }
  }
  const { open, send } = heldSink();
  const stop = new AbortController();
  const options = { concurrency: 4, onReject, signal: stop.signal };
  const done = loadItems(send, sorted(), options);
  await settle();
  expect(state.given).toBe(5 * 25);
  expect(open.map(({ items }) => items.length)).toEqual([25, 25, 25, 25]);
  // The file has 25 neighbours of each partition: a batch has 5 of each of the 5 partitions that are there.
  for (const { items } of open) {
    const counts = new Map<string, number>();
    for (const { item } of items) counts.set(item.PK?.S ?? "", (counts.get(item.PK?.S ?? "") ?? 0) + 1);
    expect([...counts.values()]).toEqual([5, 5, 5, 5, 5]);
  }
  stop.abort(new Error("enough"));
  for (const request of open) request.answer({ unprocessed: [], writeUnits: 0 });
  expect((await done).tally.sum()).toMatchObject({ read: 125, written: 100, unwritten: 25 });
});

it("all items of a source are sent once, whatever their partitions and sizes", async () => {
  const [small, large] = ["", "x".repeat(380 * 1024)];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ partition: fc.nat(5), filler: fc.constantFrom(small, large) }), {
        maxLength: 200,
      }),
      fc.integer({ min: 1, max: 4 }),
      async (drawn, concurrency) => {
        async function* source(): AsyncGenerator<Iterable<SeedRecord>> {
          for (const [index, { partition, filler }] of drawn.entries())
            yield [seedItem({ PK: { S: `p${partition}` }, a: { S: filler } }, index + 1)];
        }
        const sent: number[] = [];
        const send: BatchSender = async (items) => {
          sent.push(...items.map(({ line }) => line));
          return { unprocessed: [], writeUnits: 0 };
        };
        const { tally } = await loadItems(send, source(), { concurrency, onReject });
        expect(sent.sort((a, b) => a - b)).toEqual(drawn.map((_, index) => index + 1));
        expect(tally.sum()).toMatchObject({ read: drawn.length, written: drawn.length });
      },
    ),
    { numRuns: 60 },
  );
});

it.each([0.05, 0.2, 0.5])(
  "with %f of the writes left over at random, batches stay full and the end comes soon",
  async (share) => {
    const items = 2_000;
    let state = 7;
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
    const send: BatchSender = async (sent) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      const unprocessed = sent.filter(() => random() < share);
      if (unprocessed.length < sent.length)
        return { unprocessed, writeUnits: sent.length - unprocessed.length };
      throw Object.assign(new Error("throttled"), { name: "ProvisionedThroughputExceededException" });
    };
    const startedAt = performance.now();
    const { tally, requests } = await loadItems(send, countedSource(items).source, { onReject });
    expect(tally.sum()).toMatchObject({ read: items, written: items });
    // What has to be sent, some single items to learn why, and the last rounds, in which few are left.
    expect(requests).toBeLessThan(1.3 * (items / 25 / (1 - share)) + 40);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  },
);

it("a hot key's items go alone, one request at a time, as many as are let in; nobody else waits for them", async () => {
  const items = Array.from({ length: 300 }, (_, line) =>
    seedItem({ PK: { S: line % 10 === 0 ? "hot" : `key-${line}` }, SK: { N: `${line}` } }, line),
  );
  async function* source(): AsyncGenerator<Iterable<SeedRecord>> {
    yield items;
  }
  let others = 0;
  let hotUnderway = 0;
  const hotSizes: number[] = [];
  const isHot = (partition: string) => partition.includes("hot");
  const send: BatchSender = async (sent) => {
    const hot = sent.filter(({ partition }) => isHot(partition)).length;
    expect([0, sent.length]).toContain(hot);
    if (hot > 0) hotSizes.push(hot);
    hotUnderway += hot > 0 ? 1 : 0;
    expect(hotUnderway).toBeLessThanOrEqual(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    hotUnderway -= hot > 0 ? 1 : 0;
    others += sent.length - hot;
    return { unprocessed: [], writeUnits: sent.length };
  };
  // Its turn comes when all the others are written.
  const hotKeyTurns = (partition: string) =>
    isHot(partition) ? { waitMs: others === 270 ? 0 : 60_000, items: 3 } : undefined;
  const { tally, stop } = await loadItems(send, source(), { onReject, hotKeyTurns });
  expect(stop).toBeUndefined();
  expect(tally.sum()).toMatchObject({ read: 300, written: 300 });
  expect(hotSizes).toEqual(Array(10).fill(3));
});
