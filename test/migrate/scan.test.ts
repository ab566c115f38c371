import type {
  DynamoDBClient,
  ScanCommandInput,
  TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseSegments } from "../../src/dynamo/choose-segments.ts";
import {
  JoinedRunEndedError,
  joinLease,
  putScan,
  readScan,
  readSegments,
  withLease,
} from "../../src/ledger/index.ts";
import { backfill, NotConvergedError } from "../../src/migrate/index.ts";
import { runScan } from "../../src/migrate/scan/run-scan.ts";
import type { ScanWork } from "../../src/migrate/scan/scan-work.ts";
import { backfillKind } from "../../src/migrate/steps/backfill.ts";
import { FakeClock, freshLedger, tappedClient } from "../ledger/support.ts";
import { putItems, testClient } from "../support/tables.ts";
import { userItem } from "./photos.ts";
import { laterRun, stepContext, testBed } from "./support.ts";

const users = { SK: { beginsWith: "#METADATA#" } };
const level = backfill({ id: "level", where: users, set: { level: 1 }, undo: "remove" });
const manyUsers = (count: number) => Array.from({ length: count }, (_, n) => userItem(`u${n}`));

/** Small pages and batches, and a checkpoint after each. */
const FINE = { pageItems: 3, gather: 2, checkpointMs: 0 };

/** What a client sends. */
function watched(client: DynamoDBClient) {
  const scans: ScanCommandInput[] = [];
  const transactions: TransactWriteItemsCommandInput[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === "ScanCommand") scans.push(args.input as ScanCommandInput);
        if (commandName === "TransactWriteItemsCommand")
          transactions.push(args.input as TransactWriteItemsCommandInput);
        return next(args);
      },
    { step: "initialize", name: "watched" },
  );
  return { scans, transactions };
}

test("a run that dies goes on at its checkpoints: no page before them is read again", async () => {
  const bed = await testBed({ items: manyUsers(40), scan: { ...FINE, segments: 2 } });
  const { client, tap } = tappedClient();
  let scans = 0;
  tap.afterCall = () => {
    if (tap.commands.at(-1) === "ScanCommand") scans += 1;
    if (scans === 8) tap.dead = true;
  };
  const context = stepContext(bed, client);
  await expect(backfillKind.run(level, context)).rejects.toThrow("cut off");
  const { ledger } = context.fence;
  const segments = await readSegments(ledger, context.identity);
  const before = segments.reduce((sum, { scanned }) => sum + scanned, 0);
  expect(before).toBeGreaterThan(5);
  const cursors = segments.map(({ cursor }) => cursor);
  expect(cursors).not.toContain(undefined);

  const second = testClient().client;
  const seen = watched(second);
  const { counts } = await backfillKind.run(level, await laterRun(context, { client: second }));
  const starts = seen.scans.slice(0, 2).map(({ ExclusiveStartKey }) => ExclusiveStartKey);
  expect(starts).toEqual(cursors);
  expect(seen.scans.every(({ TotalSegments }) => TotalSegments === 2)).toBe(true);
  expect(counts).toMatchObject({ passes: 2 });
  expect((await bed.items()).every((item) => item.level?.N === "1")).toBe(true);
  expect(await readSegments(ledger, context.identity)).toEqual([]);
});

test("who is asked to stop leaves a checkpoint of all that was acknowledged", async () => {
  const bed = await testBed({ items: manyUsers(30), scan: { ...FINE, checkpointMs: 60_000, segments: 1 } });
  const { client, tap } = tappedClient();
  const controller = new AbortController();
  tap.afterCall = () => {
    if (tap.commands.filter((name) => name === "UpdateItemCommand").length === 9) controller.abort();
  };
  const context = stepContext(bed, client);
  const fence = { ...context.fence, signal: controller.signal };
  const stopped = backfillKind.run(level, { ...context, fence, stopping: controller.signal });
  await expect(stopped).rejects.toThrow(/abort/i);
  const [segment] = await readSegments(fence.ledger, context.identity);
  // Pages of three: three of them were dealt with to their end when it was stopped.
  expect(segment).toMatchObject({ state: "open", counts: { items: 9 } });
  expect(segment?.cursor).toBeDefined();
  const { counts } = await backfillKind.run(level, await laterRun(context, { client: bed.client }));
  expect(counts.items).toBe(30);
});

test("TotalSegments stay as they were frozen, and both ways have scans of their own", async () => {
  const bed = await testBed({ items: manyUsers(12) });
  const { client, tap } = tappedClient();
  tap.afterCall = () => {
    if (tap.commands.at(-1) === "UpdateItemCommand") tap.dead = true;
  };
  const context = stepContext(bed, client);
  const first = { ...context, scanSettings: { ...FINE, segments: 3 } };
  await expect(backfillKind.run(level, first)).rejects.toThrow("cut off");
  const { ledger } = context.fence;
  expect(await readScan(ledger, context.identity)).toMatchObject({ direction: "up", segments: 3, pass: 1 });

  const other = testClient().client;
  const seen = watched(other);
  const second = await laterRun(context, { client: other, scanSettings: { ...FINE, segments: 5 } });
  await backfillKind.run(level, second);
  expect(new Set(seen.scans.map(({ TotalSegments }) => TotalSegments))).toEqual(new Set([3]));
  await backfillKind.undo(level, second);
  expect(await readScan(ledger, context.identity)).toMatchObject({ direction: "down", segments: 5 });
  expect((await bed.items()).every((item) => item.level === undefined)).toBe(true);
});

test("a pass that began under another file proves nothing: all items are looked at by the new one", async () => {
  const bed = await testBed({ items: manyUsers(20), scan: { ...FINE, segments: 4, workers: 1 } });
  const { client, tap } = tappedClient();
  const context = stepContext(bed, client);
  // Killed in the second pass, of which some segments are done and found nothing.
  tap.afterCall = () => {
    const scans = tap.commands.filter((name) => name === "ScanCommand").length;
    const updates = tap.commands.filter((name) => name === "UpdateItemCommand").length;
    if (updates === 20 && scans >= 16) tap.dead = true;
  };
  await expect(backfillKind.run(level, context)).rejects.toThrow("cut off");
  const scan = await readScan(context.fence.ledger, context.identity);
  expect(scan).toMatchObject({ pass: 2, whole: true });
  const segments = await readSegments(context.fence.ledger, context.identity);
  expect(segments.some(({ state }) => state === "done")).toBe(true);

  const edited = backfill({ ...level, set: { level: 1, rank: 2 } });
  const identity = { ...context.identity, hash: "1:b" };
  await backfillKind.run(edited, await laterRun(context, { client: bed.client, identity }));
  expect((await bed.items()).filter((item) => item.rank?.N === "2")).toHaveLength(20);
});

test("items are handed on in batches that do not grow with the table", async () => {
  const bed = await testBed({ items: manyUsers(60), scan: { pageItems: 4, gather: 10, segments: 1 } });
  const sizes: number[] = [];
  const work: ScanWork = {
    filter: {},
    maxPasses: 1,
    handle: async (items) => {
      sizes.push(items.length);
    },
  };
  const { passes } = await runScan(work, "up", stepContext(bed));
  expect(passes).toBe(1);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(60);
  expect(Math.max(...sizes)).toBeLessThan(10 + 4);
  // The first page by itself, then as many as are to be gathered.
  expect(sizes.slice(0, 2)).toEqual([4, 12]);
});

test("writers that go on making such items end it after its passes, and the next run begins anew", async () => {
  const bed = await testBed({ items: manyUsers(3) });
  const context = stepContext(bed);
  const work: ScanWork = {
    filter: {},
    maxPasses: 3,
    handle: async (items, batch) => {
      for (const _ of items) batch.find();
    },
  };
  await expect(runScan(work, "up", context)).rejects.toThrow(NotConvergedError);
  expect(await readScan(context.fence.ledger, context.identity)).toBeUndefined();
  expect(await readSegments(context.fence.ledger, context.identity)).toEqual([]);
});

test("where nothing is to be written, no empty transaction is sent", async () => {
  const bed = await testBed({ items: [] });
  const context = stepContext(bed);
  const { transactions } = watched(bed.client);
  expect((await backfillKind.run(level, context)).counts).toEqual({ items: 0, conflicts: 0, passes: 1 });
  expect(transactions.length).toBeGreaterThan(0);
  expect(transactions.filter(({ TransactItems = [] }) => TransactItems.length < 2)).toEqual([]);
});

test("bookkeeping goes by the seconds and the segments, not by the items", async () => {
  const bed = await testBed({ items: [] });
  await putItems(bed.client, bed.environment.table, manyUsers(150));
  const context = stepContext(bed, bed.client, new FakeClock());
  const { transactions } = watched(bed.client);
  const { counts } = await backfillKind.run(level, context);
  expect(counts).toMatchObject({ items: 150, passes: 2 });
  // Two passes: a claim and a checkpoint each, the next pass, the scan's beginning and end.
  expect(transactions.length).toBeLessThanOrEqual(8);
  const checks = transactions.map(({ TransactItems }) => TransactItems?.[0]?.ConditionCheck?.Key?.SK?.S);
  expect(new Set(checks)).toEqual(new Set(["LEASE"]));
});

test("segments are a power of two, four to 1,024, and grow with the table", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)].map(chooseSegments) as [number, number];
      expect(Math.log2(small) % 1).toBe(0);
      expect(small).toBeGreaterThanOrEqual(4);
      expect(large).toBeLessThanOrEqual(1_024);
      expect(small).toBeLessThanOrEqual(large);
    }),
  );
  expect([0, 128, 129, 1_024].map((mb) => chooseSegments(mb * 1024 * 1024))).toEqual([4, 16, 32, 128]);
});

test("who helps a run may write nothing once its term is over, nor once nobody holds the lease", async () => {
  const { client } = testClient();
  const ledger = await freshLedger(client);
  const name = { migration: "0001-a", step: "s" };
  const scan = {
    ...name,
    direction: "up",
    hash: "1:a",
    whole: true,
    pass: 1,
    segments: 4,
    counts: {},
    failures: 0,
  } as const;
  const helper = await withLease(ledger, { command: "first" }, async ({ owner, term }) => {
    const fence = joinLease(ledger, { owner, term });
    await fence.write([putScan(ledger, scan)]);
    return fence;
  });
  await expect(helper.write([putScan(ledger, { ...scan, pass: 2 })])).rejects.toThrow(
    "nobody holds the lock",
  );
  expect(helper.signal.aborted).toBe(true);
  await withLease(ledger, { command: "second" }, async () => {
    const write = helper.write([putScan(ledger, { ...scan, pass: 2 })]);
    await expect(write).rejects.toThrow(JoinedRunEndedError);
    await expect(write).rejects.toMatchObject({ message: expect.stringContaining("second of"), exitCode: 3 });
  });
  expect(await readScan(ledger, name)).toEqual(scan);
});
