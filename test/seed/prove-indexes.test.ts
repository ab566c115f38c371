import { UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { describeTable } from "../../src/dynamo/describe.ts";
import { timeToLiveAttribute } from "../../src/dynamo/time-to-live.ts";
import { liveIndexes } from "../../src/seed/prove/count-indexes.ts";
import { proofExitCode } from "../../src/seed/verdict.ts";
import type { FaultRule, SeenRequest } from "../faults/rules.ts";
import { FakeClock } from "../ledger/support.ts";
import { numbered, proofBed } from "./prove-bed.ts";
import { NumberText } from "./support.ts";

/** Each third of them has an owner, and so an entry in the index. */
const owned = numbered(30).map((item, index) => (index % 3 === 0 ? { ...item, owner: "ada" } : item));

async function indexBed(inTable = owned, rules: FaultRule[] = []) {
  const bed = await proofBed(owned, inTable, rules);
  const description = await describeTable(bed.client, bed.table);
  return { ...bed, indexes: liveIndexes(description ?? {}) };
}

const ofIndex = ({ body }: SeenRequest) => body.IndexName !== undefined;
const counts = (requests: readonly SeenRequest[] | undefined) => requests?.filter(ofIndex) ?? [];
/** An index that follows its table with a delay: its entries are not there yet. */
const lagging = (times: number): FaultRule => ({
  operation: "Scan",
  where: ofIndex,
  times,
  fault: { kind: "rewrite", change: (answer) => ({ ...answer, body: { ...answer.body, Count: 0 } }) },
});

describe("the entries of an index", () => {
  it("are counted, and held against the items of the table that have its keys", async () => {
    const { prove, indexes, proxy } = await indexBed();
    const proof = await prove({ indexes });
    expect(proof.indexes).toEqual([{ index: "ByOwner", expected: 10, found: 10, status: "equal" }]);
    expect(proofExitCode(proof)).toBe(0);
    expect(counts(proxy?.requests).map(({ body }) => body.Select)).toEqual(Array(4).fill("COUNT"));
  });

  it("are those of the table, whatever the file says", async () => {
    const { prove, indexes } = await indexBed(owned.slice(0, 12));
    const proof = await prove({ indexes });
    expect(proof).toMatchObject({ status: "different", missing: 18 });
    expect(proof.indexes).toMatchObject([{ expected: 4, found: 4, status: "equal" }]);
  });

  it("are counted again while the index lags behind", async () => {
    const clock = new FakeClock();
    const { prove, indexes, proxy } = await indexBed(owned, [lagging(4)]);
    const proving = prove({ indexes, clock });
    await clock.slept(1);
    clock.advance(5_000);
    expect((await proving).indexes).toMatchObject([{ expected: 10, found: 10, status: "equal" }]);
    expect(counts(proxy?.requests)).toHaveLength(8);
  });

  it("leave the index open at the deadline, and the exit is 3; table and file are equal all the same", async () => {
    const clock = new FakeClock();
    const { prove, indexes } = await indexBed(owned, [lagging(Number.POSITIVE_INFINITY)]);
    const proving = prove({ indexes, clock, indexTimeoutSeconds: 20 });
    await clock.slept(1);
    clock.advance(21_000);
    const proof = await proving;
    expect(proof.status).toBe("equal");
    expect(proof.indexes).toEqual([
      {
        index: "ByOwner",
        expected: 10,
        found: 0,
        status: "indeterminate",
        message: expect.stringContaining("at 0 of 10 entries"),
      },
    ]);
    expect(proofExitCode(proof)).toBe(3);
  });

  it("may lack what has expired, as it is deleted while the proof goes on, and nothing else", async () => {
    const expired = { expiresAt: new NumberText(String(Math.floor(Date.now() / 1000) - 60)) };
    const inTable = owned.map((item, index) => (index < 6 ? { ...item, ...expired } : item));
    const holding = (Count: number): FaultRule[] => [
      { operation: "Scan", where: ofIndex, fault: { kind: "answer", answer: () => ({ Count }) } },
    ];
    for (const [found, status] of [
      [8, "equal"],
      [7, "indeterminate"],
    ] as const) {
      const { prove, indexes } = await indexBed(inTable, holding(found));
      const options = { indexes, segments: 1, timeToLive: "expiresAt", indexTimeoutSeconds: 0 };
      const proof = await prove(options);
      expect(proof.indexes).toMatchObject([{ expected: 10, expiring: 2, found, status }]);
    }
  });

  it("leave it open where they may not be read", async () => {
    const fault = { kind: "error", name: "AccessDeniedException", message: "no indexes" } as const;
    const { prove, indexes } = await indexBed(owned, [{ operation: "Scan", where: ofIndex, fault }]);
    expect(await prove({ indexes })).toMatchObject({
      status: "equal",
      indexes: [{ expected: 10, status: "indeterminate", message: "no indexes" }],
    });
  });

  it("are not counted while the index is being made", async () => {
    const { prove, proxy, client, table } = await indexBed();
    const description = (await describeTable(client, table)) ?? {};
    const [index] = description.GlobalSecondaryIndexes ?? [];
    const creating = { ...index, IndexStatus: "CREATING", Backfilling: true } as const;
    const indexes = liveIndexes({ ...description, GlobalSecondaryIndexes: [creating] });
    const proof = await prove({ indexes });
    expect(proof.indexes).toEqual([{ index: "ByOwner", expected: 10, status: "building" }]);
    expect(counts(proxy?.requests)).toEqual([]);
    expect(proofExitCode(proof)).toBe(0);
  });
});

describe("items that expire", () => {
  const now = Math.floor(Date.now() / 1000);
  const expiresAt = (seconds: number) => ({ expiresAt: new NumberText(String(now + seconds)) });
  const YEAR = 366 * 86_400;
  const [past, soon, later, ancient, plain] = numbered(5);
  const inFile = [
    { ...past, ...expiresAt(-YEAR) },
    { ...soon, ...expiresAt(300) },
    { ...later, ...expiresAt(7_200) },
    // DynamoDB never deletes what expired more than five years ago.
    { ...ancient, ...expiresAt(-6 * YEAR) },
    { ...plain, expiresAt: String(now - 60) },
  ];

  it("are not missing where their time has passed or soon will; all others are", async () => {
    const { client, table, prove } = await proofBed(inFile, []);
    expect(await timeToLiveAttribute(client, table)).toBeUndefined();
    expect(await prove()).toMatchObject({ missing: 5 });
    const TimeToLiveSpecification = { AttributeName: "expiresAt", Enabled: true };
    await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
    const timeToLive = await timeToLiveAttribute(client, table);
    expect(timeToLive).toBe("expiresAt");
    for (const way of [{}, { sample: { percent: 100, seed: 1 } }]) {
      const proof = await prove({ timeToLive, ...way });
      expect(proof).toMatchObject({
        status: "different",
        missing: 3,
        expiring: { attribute: "expiresAt", items: 2, gone: 2 },
      });
      expect(proof.differences.map(({ line }) => line).sort()).toEqual([3, 4, 5]);
    }
  });

  it("are compared like all others while they are there", async () => {
    const changed = inFile.map((item, index) => (index === 0 ? { ...item, v: "y" } : item));
    const { prove } = await proofBed(inFile, changed);
    expect(await prove({ timeToLive: "expiresAt" })).toMatchObject({
      status: "different",
      different: 1,
      expiring: { items: 2, gone: 0 },
    });
  });
});
