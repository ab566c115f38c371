import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalItem } from "../../src/dynamo/canonical-item.ts";
import type { FaultRule } from "../faults/proxy.ts";
import { allItems } from "../support/tables.ts";
import { batches, lines, names, loadBed as setUp } from "./load-bed.ts";
import { itemOf, jsonText, plainItems, seedFile } from "./support.ts";

describe("a load", () => {
  it("writes every item, in full batches", async () => {
    const { load, stored, proxy, table } = await setUp([]);
    const result = await load(seedFile(lines(110).join("\n")));
    expect(result).toMatchObject({ read: 110, written: 110, unwritten: 0, requests: 5, retriedItems: 0 });
    expect(result.consumedWriteUnits).toBe(220);
    expect(result.rejects).toBeUndefined();
    expect(result.stop).toBeUndefined();
    expect(await stored()).toEqual(names(110));
    expect(batches(proxy.requests, table).sort()).toEqual([10, 25, 25, 25, 25]);
  });

  it("of an empty file writes nothing and adds up", async () => {
    const { load, proxy } = await setUp([]);
    expect(await load(seedFile("\n"))).toMatchObject({ read: 0, written: 0, requests: 0, itemsPerSecond: 0 });
    expect(proxy.requests).toEqual([]);
  });

  it("stores what the file says, whatever it says", async () => {
    await fc.assert(
      fc.asyncProperty(plainItems, async (items) => {
        const { load, direct, table } = await setUp([]);
        const result = await load(seedFile(items.map(jsonText).join("\n")));
        expect(result.written).toBe(items.length);
        const expected = items.map((item) => canonicalItem(itemOf(item))).sort();
        expect((await allItems(direct, table)).map(canonicalItem).sort()).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });
});

describe("faults on the wire", () => {
  const operation = "BatchWriteItem";
  it.each<[string, FaultRule[]]>([
    ["20 % unprocessed", [{ operation, fault: { kind: "unprocessedItems", share: 0.2 } }]],
    ["whole batches unprocessed", [{ operation, probability: 0.4, fault: { kind: "unprocessedItems" } }]],
    ["throttles", [{ operation, probability: 0.4, fault: { kind: "throttle" } }]],
    ["lost answers", [{ operation, probability: 0.3, fault: { kind: "loseAnswer" } }]],
    ["answers cut in the middle", [{ operation, probability: 0.3, fault: { kind: "cutAnswer" } }]],
    ["failures before", [{ operation, probability: 0.3, fault: { kind: "failBefore" } }]],
    ["failures after", [{ operation, probability: 0.3, fault: { kind: "failAfter" } }]],
    ["resets", [{ operation, probability: 0.3, fault: { kind: "resetBefore" } }]],
    [
      "all of it at once",
      [
        { operation, probability: 0.1, fault: { kind: "throttle" } },
        { operation, probability: 0.1, fault: { kind: "loseAnswer" } },
        { operation, probability: 0.1, fault: { kind: "failAfter" } },
        { operation, probability: 0.1, fault: { kind: "resetBefore" } },
        { operation, fault: { kind: "unprocessedItems", share: 0.3 } },
      ],
    ],
  ])("through %s nothing is lost", async (_, rules) => {
    const { load, stored, proxy } = await setUp(rules);
    const result = await load(seedFile(lines(600).join("\n")), { concurrency: 4 });
    expect(result).toMatchObject({ read: 600, written: 600, unwritten: 0, unknown: 0, rejected: 0 });
    expect(result.stop).toBeUndefined();
    expect(await stored()).toEqual(names(600));
    expect(proxy.requests.filter(({ fault }) => fault !== undefined).length).toBeGreaterThan(2);
    expect(result.retriedItems).toBeGreaterThan(0);
    expect(result.retriedItems).toBeLessThanOrEqual(600);
    expect(result.requests).toBe(proxy.requests.length);
  });

  it("leftovers go out again in full batches", async () => {
    const rules: FaultRule[] = [
      { operation, nth: [1, 2, 3, 4], fault: { kind: "unprocessedItems", share: 0.5 } },
    ];
    const { load, proxy, table } = await setUp(rules);
    const result = await load(seedFile(lines(200).join("\n")), { concurrency: 4 });
    expect(result).toMatchObject({ written: 200 });
    // 8 batches of new items carry 200; each left over rides along with others, not alone.
    const sent = batches(proxy.requests, table);
    const full = sent.filter((size) => size === 25).length;
    expect(full).toBeGreaterThanOrEqual(sent.length - 4);
  });
});

describe("what cannot be written", () => {
  const operation = ["BatchWriteItem", "PutItem"];
  const isHot = (write: unknown) => JSON.stringify(write).includes('"key-7"');

  it("one hot key unprocessed for ever is unwritten at the deadline; the others are there", async () => {
    const { load, stored } = await setUp([
      { operation: "BatchWriteItem", fault: { kind: "unprocessedItems", which: isHot } },
      { operation: "PutItem", where: ({ body }) => isHot(body.Item), fault: { kind: "throttle" } },
    ]);
    const startedAt = performance.now();
    const result = await load(seedFile(lines(100).join("\n")), { retryDeadlineMs: 300 });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(result).toMatchObject({ read: 100, written: 99, unwritten: 1, unknown: 0 });
    expect(result.stop).toMatchObject({ kind: "exhausted", deadlineMs: 300 });
    expect(await stored()).toEqual(names(100).filter((name) => name !== "key-7"));
  });

  it("a table that takes nothing leaves all unwritten, what was never read too", async () => {
    const { load, stored } = await setUp([{ operation, fault: { kind: "throttle" } }]);
    const result = await load(seedFile(lines(500).join("\n")), { retryDeadlineMs: 200, concurrency: 2 });
    expect(result).toMatchObject({ read: 500, written: 0, unwritten: 500 });
    expect(result.stop).toMatchObject({
      kind: "exhausted",
      error: { name: "ProvisionedThroughputExceededException" },
    });
    expect(await stored()).toEqual([]);
  });

  it("answers that are lost to the end are unknown", async () => {
    const { load, stored } = await setUp([{ operation, fault: { kind: "loseAnswer" } }]);
    const result = await load(seedFile(lines(20).join("\n")), { retryDeadlineMs: 200 });
    expect(result).toMatchObject({ read: 20, written: 0, unwritten: 0, unknown: 20 });
    // They are there, as it happens; the load cannot know.
    expect(await stored()).toEqual(names(20));
  });

  it("an item that DynamoDB refuses is found by halving and set aside; the others are written", async () => {
    const isPoison = (request: { body: object }) => JSON.stringify(request.body).includes('"key-13"');
    const refusal = { kind: "error", name: "ValidationException", message: "poison" } as const;
    const { load, stored, rejectsFile } = await setUp([{ operation, where: isPoison, fault: refusal }]);
    const result = await load(seedFile(`\n${lines(60).join("\n")}`), { maxRejects: 1 });
    expect(result).toMatchObject({ read: 60, written: 59, rejected: 1, unwritten: 0, rejects: rejectsFile });
    expect(await stored()).toEqual(names(60).filter((name) => name !== "key-13"));
    expect(result.listedRejects).toEqual([{ line: 15, reason: "poison" }]);
    const rejected = readFileSync(rejectsFile, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rejected).toEqual([{ line: 15, reason: "poison", item: { PK: "key-13", SK: 13, owner: "o6" } }]);
  });

  it.each([
    [0, 1],
    [1, 2],
  ])(
    "with --max-rejects %i the load stops at reject %i, and the rest is unwritten",
    async (maxRejects, rejected) => {
      const isPoison = ({ body }: { body: object }) => /"key-(70|71|72|300)"/.test(JSON.stringify(body));
      const refusal = { kind: "error", name: "ValidationException", message: "poison" } as const;
      const { load, stored, proxy } = await setUp([{ operation, where: isPoison, fault: refusal }]);
      const result = await load(seedFile(lines(600).join("\n")), { concurrency: 1, maxRejects });
      expect(result.stop).toEqual({ kind: "rejects", maxRejects });
      expect(result).toMatchObject({ read: 600, rejected, unknown: 0 });
      expect(result.listedRejects).toHaveLength(rejected);
      expect(result.written + result.unwritten).toBe(600 - rejected);
      expect(result.written).toBeGreaterThan(0);
      expect(await stored()).toHaveLength(result.written);
      expect(proxy.requests.length).toBeLessThan(24);
    },
  );

  it("a disk without room for the rejects stops the load, and the counts add up", async () => {
    const isPoison = (request: { body: object }) => /"key-(3|13|53)"/.test(JSON.stringify(request.body));
    const refusal = { kind: "error", name: "ValidationException" } as const;
    const { load } = await setUp([{ operation, where: isPoison, fault: refusal }], 1, "/dev/full");
    const result = await load(seedFile(lines(100).join("\n")), { concurrency: 1, maxRejects: 9 });
    expect(result.stop).toMatchObject({ kind: "failed", error: { code: "ENOSPC" } });
    expect(result.read).toBe(100);
    expect(result.rejected).toBeGreaterThan(0);
    expect(result.written + result.rejected + result.unwritten).toBe(100);
  });

  // Of an error that nobody has heard of, nobody knows whether the batch was written before it.
  it.each([
    ["AccessDeniedException", 0],
    ["ExpiredTokenException", 0],
    ["ResourceNotFoundException", 0],
    ["SomethingNew", 25],
  ])("%s stops the load at once, with %i items unknown", async (name, unknown) => {
    const { load, proxy, rejectsFile } = await setUp([
      { operation, nth: [3], fault: { kind: "error", name } },
    ]);
    const result = await load(seedFile(lines(2_000).join("\n")), { concurrency: 2 });
    expect(result.stop).toMatchObject({ kind: "failed", error: { name } });
    expect(result.read).toBe(2_000);
    expect(result.unknown).toBe(unknown);
    expect(result.written + result.unwritten + unknown).toBe(2_000);
    expect(result.written).toBeGreaterThan(0);
    expect(proxy.requests.length).toBeLessThanOrEqual(5);
    expect(existsSync(rejectsFile)).toBe(false);
  });

  it("Ctrl-C lets what is in flight finish and counts the rest as unwritten", async () => {
    const { load, stored, proxy } = await setUp([{ operation, fault: { kind: "delay", milliseconds: 30 } }]);
    const stop = new AbortController();
    const result = await load(seedFile(lines(2_000).join("\n")), {
      concurrency: 2,
      signal: stop.signal,
      onProgress: ({ written }) => {
        if (written >= 100) stop.abort(new Error("enough"));
      },
    });
    expect(result.stop).toMatchObject({ kind: "interrupted", error: { message: "enough" } });
    expect(result.read).toBe(2_000);
    expect(result.written).toBeGreaterThanOrEqual(100);
    expect(result.written).toBeLessThan(300);
    expect(result.unwritten).toBe(2_000 - result.written);
    expect(await stored()).toHaveLength(result.written);
    expect(result.written).toBe(proxy.requests.length * 25);
  });
});

describe("the window", () => {
  it("is what was asked for: so many requests at once, and no more", async () => {
    const { load, proxy } = await setUp([{ fault: { kind: "delay", milliseconds: 20 } }]);
    await load(seedFile(lines(400).join("\n")), { concurrency: 3 });
    expect(proxy.mostAtOnce).toBe(3);
  });
});
