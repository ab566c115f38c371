import { expect, it } from "vitest";
import type { SeedRecord } from "../../src/seed/file/records.ts";
import { loadItems } from "../../src/seed/load/load-items.ts";
import type { BatchSender } from "../../src/seed/load/send-batch.ts";
import { batches, lines, loadBed, names } from "./load-bed.ts";
import { seedFile, seedItem } from "./support.ts";

const operation = "BatchWriteItem";

it("what a batch leaves over is sent again until all of it is there", async () => {
  const { load, stored, proxy, table } = await loadBed([
    { operation, times: 8, fault: { kind: "unprocessedItems", share: 0.5 } },
  ]);
  const result = await load(seedFile(lines(100).join("\n")));
  expect(result).toMatchObject({ read: 100, written: 100, unwritten: 0, stop: undefined });
  // More was sent than there is: what came back went out once more.
  expect(batches(proxy.requests, table).reduce((sum, size) => sum + size, 0)).toBeGreaterThan(120);
  expect(await stored()).toEqual(names(100));
});

it("an answer of 200 that wrote nothing is no success", async () => {
  const { load, stored } = await loadBed([
    { operation, fault: { kind: "unprocessedItems" } },
    // Where what comes back is tried alone.
    { operation: "PutItem", fault: { kind: "throttle" } },
  ]);
  const result = await load(seedFile(lines(50).join("\n")), { retryDeadlineMs: 150 });
  expect(result).toMatchObject({ read: 50, written: 0, unwritten: 50, stop: { kind: "exhausted" } });
  expect(await stored()).toEqual([]);
});

it.each([
  ["an empty object", {}],
  ["a list", []],
  ["a text", "ok"],
])(
  "an answer of 200 that is %s says nothing of the items: they are not called written",
  async (_, nonsense) => {
    const answer = () => nonsense as object as Record<string, unknown>;
    const { load } = await loadBed([{ operation, fault: { kind: "answer", answer } }]);
    const result = await load(seedFile(lines(50).join("\n")), { concurrency: 1 });
    expect(result).toMatchObject({
      read: 50,
      written: 0,
      unknown: 25,
      unwritten: 25,
      stop: { kind: "failed" },
    });
  },
);

it("the items of a request that failed are kept, and sent again", async () => {
  const { load, stored, proxy } = await loadBed([
    { operation, nth: [1, 2, 4], fault: { kind: "failBefore" } },
  ]);
  const result = await load(seedFile(lines(75).join("\n")), { concurrency: 1 });
  expect(result).toMatchObject({ read: 75, written: 75, retriedItems: expect.any(Number), stop: undefined });
  expect(proxy.requests.filter(({ fault }) => fault === "failBefore")).toHaveLength(3);
  expect(await stored()).toEqual(names(75));
});

it("a number of items that fills the batches exactly ends without an empty one", async () => {
  const { load, proxy, table } = await loadBed();
  expect(await load(seedFile(lines(50).join("\n")))).toMatchObject({ read: 50, written: 50, requests: 2 });
  expect(batches(proxy.requests, table)).toEqual([25, 25]);
});

it("capacity is counted over all attempts", async () => {
  const { load } = await loadBed([
    { operation, nth: [1, 2], fault: { kind: "unprocessedItems", share: 0.5 } },
  ]);
  const result = await load(seedFile(lines(60).join("\n")));
  // Table and index take a unit each; what came back unprocessed cost nothing.
  expect(result).toMatchObject({ written: 60, consumedWriteUnits: 120 });
});

it("what comes back waits before it is sent again", async () => {
  const sentAt: number[] = [];
  const send: BatchSender = async (items) => {
    sentAt.push(performance.now());
    return { unprocessed: sentAt.length === 1 ? items : [], writeUnits: 0 };
  };
  async function* source(): AsyncGenerator<Iterable<SeedRecord>> {
    yield [seedItem({ PK: { S: "a" } })];
  }
  const backoff = { baseMs: 100, random: () => 1 };
  const { tally } = await loadItems(send, source(), { backoff, onReject: async () => {} });
  expect(tally.sum()).toMatchObject({ read: 1, written: 1 });
  const [first = 0, second = 0] = sentAt;
  // Timers may fire a millisecond early.
  expect(second - first).toBeGreaterThanOrEqual(98);
});
