import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalItem } from "../../src/dynamo/canonical-item.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { checkSeedFile } from "../../src/seed/file/check-seed-file.ts";
import { readCheckedFile } from "../../src/seed/file/read-checked-file.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import type { LoadResult } from "../../src/seed/load/load-file.ts";
import { type DeleteOptions, deleteOthers } from "../../src/seed/replace/delete-others.ts";
import { countOthers, otherKeys } from "../../src/seed/replace/other-keys.ts";
import type { FaultRule } from "../faults/proxy.ts";
import { allItems, putItems, testClient } from "../support/tables.ts";
import { lines, names, QUICK, loadBed as setUp } from "./load-bed.ts";
import { design, itemOf, jsonText, NumberText, seedFile } from "./support.ts";

const WRITES = ["BatchWriteItem", "PutItem", "DeleteItem"];

/** An item of few keys and contents, spelled in one of several ways. */
const plainItem = fc
  .record({
    key: fc.integer({ min: 0, max: 30 }),
    size: fc.constantFrom("1", "2", "2.0", "20e-1"),
    tags: fc.constantFrom(["a"], ["b"]),
  })
  .map(({ key, size, tags }) => ({
    PK: `p${key % 5}`,
    SK: new NumberText(String(key)),
    size: new NumberText(size),
    tags,
  }));
const plainTable = fc.uniqueArray(plainItem, { maxLength: 25, selector: ({ SK }) => SK.text });
type Plain = typeof plainItem extends fc.Arbitrary<infer P> ? P : never;

/** A table's content as a model has it: canonical items by their keys. */
const modelOf = (items: readonly { PK: string; SK: NumberText }[]) =>
  new Map(items.map((item) => [item.SK.text, canonicalItem(itemOf(item))]));

/** Faults after which it is known whether a request was carried out. */
const HONEST: FaultRule[] = [
  { operation: WRITES, probability: 0.2, fault: { kind: "throttle" } },
  { operation: "BatchWriteItem", probability: 0.5, fault: { kind: "unprocessedItems", share: 0.4 } },
  { operation: "BatchGetItem", probability: 0.3, fault: { kind: "unprocessedKeys", share: 0.5 } },
];
/** Faults after which it is not. */
const LOSING: FaultRule[] = [
  { operation: WRITES, probability: 0.15, fault: { kind: "loseAnswer" } },
  { operation: WRITES, probability: 0.1, fault: { kind: "failAfter" } },
  // Nobody can tell it from the one before.
  { operation: WRITES, probability: 0.1, fault: { kind: "failBefore" } },
];

/** A table with these items, behind a proxy with these faults, and a file of those. */
async function bed(before: readonly Plain[], file: readonly Plain[], rules: FaultRule[], seed = 1) {
  const made = await setUp(rules, seed);
  await putItems(made.direct, made.table, before.map(itemOf));
  const path = seedFile(file.map((item) => jsonText(item)).join("\n"));
  const { client: reader } = testClient(made.proxy.endpoint);
  const content = async () => (await allItems(made.direct, made.table)).map(canonicalItem).sort();
  const subject = async () => ({
    client: reader,
    table: made.table,
    keys: design,
    readFile: () => readSeedFile(path, design),
    checked: await checkSeedFile(path, design),
  });
  const deleteRest = async (options: DeleteOptions = {}) =>
    deleteOthers(made.writer, await subject(), { backoff: QUICK, ...options });
  return { ...made, path, reader, content, subject, deleteRest };
}

/** What became of each item, by a plain model of the modes. */
function judged(before: readonly Plain[], file: readonly Plain[]) {
  const stood = modelOf(before);
  const wanted = [...modelOf(file)];
  const identical = wanted.filter(([key, item]) => stood.get(key) === item).length;
  const fresh = wanted.filter(([key]) => !stood.has(key)).length;
  return { stood, wanted: new Map(wanted), identical, fresh, different: file.length - identical - fresh };
}

const sorted = (...tables: Map<string, string>[]) =>
  [...new Map(tables.flatMap((table) => [...table])).values()].sort();
const fates = ({ read, written, identical, rejected, unwritten, unknown }: LoadResult) => ({
  read,
  written,
  identical,
  rejected,
  left: unwritten + unknown,
});
const scenario = [plainTable, plainTable, fc.boolean(), fc.integer({ min: 1, max: 1e6 })] as const;
const rulesFor = (losing: boolean) => (losing ? [...LOSING, ...HONEST] : HONEST);

describe("whatever the table holds, and through faults,", () => {
  it("insert writes what is missing, and nothing over what is there", async () => {
    await fc.assert(
      fc.asyncProperty(...scenario, async (before, file, losing, seed) => {
        const { load, content, path } = await bed(before, file, rulesFor(losing), seed);
        const { stood, wanted, identical, fresh, different } = judged(before, file);
        const result = await load(path, { maxRejects: 99 }, {}, { mode: "insert" });
        expect(await content()).toEqual(sorted(wanted, stood));
        const came = fates(result);
        // Where its first answer was lost, an item that was there before looks like its own write.
        const taken = losing ? result.written - fresh : 0;
        expect(taken).toBeGreaterThanOrEqual(0);
        const expected = { written: fresh + taken, identical: identical - taken };
        expect(came).toEqual({ read: file.length, ...expected, rejected: different, left: 0 });
      }),
      { numRuns: 8 },
    );
  });

  it("upsert puts the file over it; with --skip-identical what is equal is left alone", async () => {
    await fc.assert(
      fc.asyncProperty(...scenario, fc.boolean(), async (before, file, losing, seed, skips) => {
        const { load, content, path, reader } = await bed(before, file, rulesFor(losing), seed);
        const { stood, wanted, identical } = judged(before, file);
        const result = await load(path, {}, {}, { lookAhead: skips ? reader : undefined });
        expect(await content()).toEqual(sorted(stood, wanted));
        const skipped = skips ? identical : 0;
        const expected = { read: file.length, written: file.length - skipped, identical: skipped };
        expect(fates(result)).toEqual({ ...expected, rejected: 0, left: 0 });
      }),
      { numRuns: 8 },
    );
  });

  it("replace leaves what the file says, and nothing else", async () => {
    await fc.assert(
      fc.asyncProperty(
        ...scenario,
        fc.integer({ min: 1, max: 30 }),
        async (before, file, losing, seed, keysPerRound) => {
          const { load, content, path, deleteRest } = await bed(before, file, rulesFor(losing), seed);
          const { stood, wanted } = judged(before, file);
          const result = await load(path, {}, {}, { mode: "replace" });
          expect(result.written).toBe(file.length);
          const others = [...stood.keys()].filter((key) => !wanted.has(key)).length;
          expect(await deleteRest({ keysPerRound })).toMatchObject({ deleted: others, undeleted: 0 });
          expect(await content()).toEqual(sorted(wanted));
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe("insert", () => {
  it("says of what is there, with other attributes, where it stands in the file", async () => {
    const { load, direct, table, rejectsFile, proxy } = await setUp();
    await putItems(direct, table, [
      { PK: { S: "key-1" }, SK: { N: "1.0" }, owner: { S: "o1" } },
      { PK: { S: "key-2" }, SK: { N: "2" }, owner: { S: "somebody" }, raw: { B: Buffer.from([1, 255]) } },
    ]);
    const result = await load(seedFile(lines(4).join("\n")), { maxRejects: 1 }, {}, { mode: "insert" });
    expect(result).toMatchObject({ written: 2, identical: 1, rejected: 1, requests: 4 });
    const reason = "is there already, with other attributes";
    expect(result.listedRejects).toEqual([{ line: 3, reason }]);
    expect(JSON.parse(readFileSync(rejectsFile, "utf8"))).toMatchObject({ line: 3, reason });
    // Two puts with an index entry each, and a refused one each for the others, which writes no index.
    expect(result.consumedWriteUnits).toBe(2 * 2 + 2);
    expect(proxy.requests.map(({ operation }) => operation)).toEqual(Array(4).fill("PutItem"));
  });

  it("an item whose answer was lost, and which meets its own write, was written", async () => {
    const { load } = await setUp([{ operation: "PutItem", nth: [2, 5], fault: { kind: "loseAnswer" } }]);
    const result = await load(seedFile(lines(10).join("\n")), {}, {}, { mode: "insert" });
    expect(result).toMatchObject({ read: 10, written: 10, identical: 0, rejected: 0, requests: 12 });
  });

  it("leaves out what applied migrations wrote, where it compares", async () => {
    const { load, direct, table } = await setUp();
    const counted: StoredItem = { PK: { S: "key-0" }, SK: { N: "0" }, owner: { S: "o0" }, count: { N: "3" } };
    await putItems(direct, table, [counted]);
    const leftOut = [{ where: { PK: { beginsWith: "key-" } }, attributes: ["count"] }];
    const result = await load(seedFile(lines(2).join("\n")), {}, {}, { mode: "insert", leftOut });
    expect(result).toMatchObject({ written: 1, identical: 1, rejected: 0 });
    expect(await allItems(direct, table)).toContainEqual(counted);
  });
});

describe("--skip-identical", () => {
  it("reads 100 keys a request, and writes full batches of the others", async () => {
    const { load, direct, table, proxy } = await setUp();
    const stored = Array.from({ length: 130 }, (_item, index) => ({
      PK: { S: `key-${index}` },
      SK: { N: String(index) },
      owner: { S: index < 120 ? `o${index % 7}` : "changed" },
    }));
    await putItems(direct, table, stored);
    const { client: lookAhead } = testClient(proxy.endpoint);
    const result = await load(seedFile(`${lines(170).join("\n")}\n`), {}, {}, { lookAhead });
    expect(result).toMatchObject({ read: 170, written: 50, identical: 120, requests: 2 });
    expect(proxy.requests.filter(({ operation }) => operation === "BatchGetItem")).toHaveLength(2);
  });

  it("of items with one key, each is judged by itself, and the one that counts is loaded", async () => {
    const { load, direct, table, proxy } = await setUp();
    await putItems(direct, table, [{ PK: { S: "key-0" }, SK: { N: "0" }, owner: { S: "o0" } }]);
    const { client: lookAhead } = testClient(proxy.endpoint);
    const file = seedFile(`${lines(1)[0]}\n{"PK":"key-0","SK":0,"owner":"last"}`);
    const result = await load(file, {}, { duplicates: "last" }, { lookAhead });
    expect(result).toMatchObject({ read: 2, written: 1, superseded: 1, identical: 0 });
    expect(await allItems(direct, table)).toMatchObject([{ owner: { S: "last" } }]);
  });
});

describe("what is not in the file", () => {
  const others = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      PK: { S: `other-${index}` },
      SK: { N: String(index) },
    }));

  /** 10 items of a file of 10, and others, in a table. */
  async function withOthers(count: number, rules: FaultRule[] = []) {
    const made = await bed([], [], rules);
    const path = seedFile(lines(10).join("\n"));
    await made.load(path);
    await putItems(made.direct, made.table, others(count));
    const subject = {
      ...(await made.subject()),
      readFile: () => readSeedFile(path, design),
      checked: await checkSeedFile(path, design),
    };
    const deleteRest = (options: DeleteOptions = {}) =>
      deleteOthers(made.writer, subject, { backoff: QUICK, ...options });
    return { ...made, subject, deleteRest };
  }

  it("is counted without a write, and deleted in full batches", async () => {
    const { subject, deleteRest, proxy, stored } = await withOthers(60);
    const before = proxy.requests.length;
    expect(await countOthers(subject)).toBe(60);
    const sent = new Set(proxy.requests.slice(before).map(({ operation }) => operation));
    expect(sent).toEqual(new Set(["DescribeTable", "Scan"]));
    expect(await deleteRest()).toMatchObject({ deleted: 60, undeleted: 0, requests: 3, stop: undefined });
    expect(await stored()).toEqual(names(10));
  });

  it("stopped in the middle, the next run does the rest", async () => {
    const stop = new AbortController();
    const { deleteRest, stored, proxy } = await withOthers(100, [
      { operation: "BatchWriteItem", fault: { kind: "delay", milliseconds: 20 } },
    ]);
    const loaded = proxy.requests.length;
    const stopping = deleteRest({
      concurrency: 1,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error("enough")),
    });
    const cut = await stopping;
    expect(cut).toMatchObject({ stop: { kind: "interrupted" }, deleted: 25 });
    expect(cut.undeleted).toBeGreaterThan(0);
    expect(proxy.requests.length).toBeGreaterThan(loaded);
    expect((await stored()).length).toBe(10 + 75);
    expect(await deleteRest()).toMatchObject({ deleted: 75, undeleted: 0 });
    expect(await stored()).toEqual(names(10));
  });

  it("is left alone where the file is not the one that was checked", async () => {
    const { subject, deleteRest, stored } = await withOthers(3);
    const changed = seedFile(lines(9).join("\n"));
    Object.assign(subject, { readFile: () => readSeedFile(changed, design) });
    const deletion = await deleteRest();
    expect(deletion).toMatchObject({ deleted: 0, stop: { error: { code: "seed-file-changed" } } });
    expect(await stored()).toHaveLength(13);
  });

  it("is left alone where the file has other items, as many as were checked", async () => {
    const { subject, deleteRest, stored } = await withOthers(3);
    const changed = seedFile(lines(20).slice(10).join("\n"));
    Object.assign(subject, { readFile: () => readCheckedFile(changed, design, subject.checked) });
    const deletion = await deleteRest();
    expect(deletion).toMatchObject({ deleted: 0, stop: { error: { code: "seed-file-changed" } } });
    expect(await stored()).toHaveLength(13);
  });

  it("is not read on when nobody takes it", async () => {
    const { subject } = await withOthers(30);
    const keys = otherKeys(subject);
    expect((await keys.next()).done).toBe(false);
    expect((await keys.return(undefined)).done).toBe(true);
  });

  it("stays where the table takes no deletes: all of it is told as undeleted", async () => {
    const { deleteRest, stored } = await withOthers(5);
    const { deleteRest: refused, stored: left } = await withOthers(5, [
      {
        operation: WRITES,
        where: ({ operation, body }) => operation === "DeleteItem" || JSON.stringify(body).includes("Delete"),
        fault: { kind: "throttle" },
      },
    ]);
    expect(await refused({ retryDeadlineMs: 100 })).toMatchObject({
      deleted: 0,
      undeleted: 5,
      stop: { kind: "exhausted" },
    });
    expect(await left()).toHaveLength(15);
    expect(await deleteRest()).toMatchObject({ deleted: 5 });
    expect(await stored()).toEqual(names(10));
  });
});
