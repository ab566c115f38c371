import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { addReaction } from "../../queries/quick-photos/add-reaction.ts";
import { followUser } from "../../queries/quick-photos/follow-user.ts";
import type { DeclaredCounts } from "../../src/dynamo/item-pattern.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { openDatabase } from "../../src/query/database.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import { findLiveCount } from "../../src/seed/live-counts.ts";
import { type FaultRule, startFaultProxy } from "../faults/proxy.ts";
import { countersOf, recount, unmarked } from "../migrate/photos.ts";
import { copyProject } from "../support/project-copy.ts";
import { allItems, createTestTable, putItems, testClient } from "../support/tables.ts";
import { keyOf, lines, makeStack, sharedProject } from "./stacks.ts";
import { design, itemOf, jsonText, NumberText, seedFile } from "./support.ts";

const project = sharedProject();
const FOLLOW = { followedUser: "tmartinez", followingUser: "john42" };
/** Users and friendships: enough to be counted. */
const PEOPLE = lines.filter((line) => /"SK":"#(METADATA|FRIEND)#/.test(line));
const batchGets = (requests: readonly { operation: string }[]) =>
  requests.filter(({ operation }) => operation === "BatchGetItem").length;

describe("a table on which live writes keep counts, and that was never migrated", () => {
  it("is refused, unharmed; with the counts taken over by migrations it can be loaded, and they come out right", async () => {
    const {
      seed: seedFrom,
      migrate,
      client,
      table,
      proxy,
      logged,
    } = await makeStack(project.root, { rules: [] });
    const file = seedFile(PEOPLE.join(""));
    const seed = (request = {}, given = {}) => seedFrom({ files: [file], ...request }, given);
    await seed({ proof: "none" });
    expect(batchGets(proxy?.requests ?? [])).toBe(0);
    await followUser.run(openDatabase(client, table), { ...FOLLOW, timestamp: "2026-01-01T12:00:00" });
    const before = await allItems(client, table);

    const refused = await seed();
    expect(refused.exitCode).toBe(1);
    expect(refused.document).toEqual({
      error: {
        code: "live-counts",
        message: expect.stringContaining(`keep counts on ${table}`),
        next: expect.stringContaining("migrate up"),
        facts: {
          table,
          attribute: expect.stringMatching(/^(followers|following)$/),
          key: { PK: expect.stringContaining("USER#"), SK: expect.stringContaining("#METADATA#") },
        },
      },
    });
    expect(logged.at(-1)).toContain(`${PEOPLE.length} read units`);
    expect(batchGets(proxy?.requests ?? [])).toBeLessThanOrEqual(Math.ceil(PEOPLE.length / 100));
    expect(await allItems(client, table)).toEqual(before);

    expect((await migrate()).error).toBeUndefined();
    const redone = await seed({ redoMigrations: true }, { yes: "" });
    expect(redone).toMatchObject({ exitCode: 0, document: { written: PEOPLE.length } });
    expect((await migrate()).error).toBeUndefined();
    const after = await allItems(client, table);
    expect(after).toHaveLength(PEOPLE.length + 1);
    expect(unmarked(after)).toEqual([]);
    expect(countersOf(after)).toEqual(recount(after));
  });

  it("costs nothing where the model's migrations declare no counts", async () => {
    const bare = copyProject();
    rmSync(join(bare.root, "migrations"), { recursive: true });
    const { seed, proxy, logged } = await makeStack(bare.root, { rules: [] });
    const file = seedFile(PEOPLE.slice(0, 5).join(""));
    for (const time of ["first", "again"])
      expect(await seed({ files: [file] }), time).toMatchObject({ exitCode: 0, document: { written: 5 } });
    expect(batchGets(proxy?.requests ?? [])).toBe(0);
    expect(logged.join("\n")).not.toContain("looking for counts");
  });

  it("names a mark on an item that the file would put over", async () => {
    const { seed, client, table, logged } = await makeStack(project.root);
    const plain = lines.map((line) => JSON.parse(line));
    const photo = plain.find(({ SK, PK }) => SK.startsWith("PHOTO#") && PK.startsWith("USER#"));
    const reaction = plain.find(({ PK }) => PK.startsWith("REACTION#"));
    // The file's photos are left out, so that the counter itself is out of the load's way.
    const others = plain.filter(({ SK, PK }) => !(SK.startsWith("PHOTO#") && PK.startsWith("USER#")));
    const [, photoUser, photoTimestamp] = reaction.SK.split("#");
    const { PK, SK } = keyOf(reaction.reactingUser);
    await putItems(client, table, [
      { PK, SK, username: { S: reaction.reactingUser } },
      { PK: { S: `USER#${photoUser}` }, SK: { S: reaction.SK }, username: { S: photoUser } },
    ]);
    expect(photo).toBeDefined();
    await addReaction.run(openDatabase(client, table), {
      timestamp: "2026-01-01T12:00:00",
      reactingUser: reaction.reactingUser,
      reactionType: reaction.reactionType,
      photoUser,
      photoTimestamp,
    });
    const { document, exitCode } = await seed({
      files: [seedFile(others.map((item) => JSON.stringify(item)).join("\n"))],
    });
    expect(exitCode).toBe(1);
    expect(logged.join("\n")).toContain("looking for counts");
    expect(document).toMatchObject({
      error: {
        code: "live-counts",
        facts: { attribute: "counted", key: { PK: reaction.PK, SK: reaction.SK } },
      },
    });
  });
});

type PlainItem = Record<string, unknown>;
const at = (index: number): PlainItem => ({ PK: `member-${index}`, SK: new NumberText("1"), kind: "member" });
const many = (count: number) => Array.from({ length: count }, (_, index) => at(index));
const hub = (counts: PlainItem = {}): PlainItem => ({
  PK: "hub",
  SK: new NumberText("1"),
  kind: "hub",
  ...counts,
});
const number = (text: string) => new NumberText(text);
const COUNTS: DeclaredCounts = {
  marks: [{ where: { PK: { beginsWith: "member-" }, kind: "member" }, attributes: ["counted"] }],
  counters: [{ where: { kind: "hub" }, attributes: ["members", "by"] }],
};

/** Looks for counts that a load of `inFile` over `inTable` would lose. */
async function setUp(inFile: readonly PlainItem[], inTable: readonly PlainItem[], rules: FaultRule[] = []) {
  const { client } = testClient();
  const table = await createTestTable(client, design);
  await putItems(client, table, inTable.map(itemOf));
  const proxy = await startFaultProxy(inject("endpoint"), { rules });
  const reader = testClient(proxy.endpoint, { maxAttempts: 1 }).client;
  const file = seedFile(inFile.map(jsonText).join("\n"));
  const look = (counts = COUNTS, signal?: AbortSignal) =>
    findLiveCount({ client: reader, table, keys: design, signal }, readSeedFile(file, design), counts);
  return { look, proxy };
}

const keyed = (PK: string): StoredItem => ({ PK: { S: PK }, SK: { N: "1" } });

describe("what a load would lose is", () => {
  it.each<[string, PlainItem, PlainItem, string]>([
    ["a mark", at(3), { ...at(3), counted: true }, "counted"],
    ["a counter", hub(), hub({ members: number("2") }), "members"],
    [
      "a counter that the file has otherwise",
      hub({ members: number("1") }),
      hub({ members: number("2") }),
      "members",
    ],
    ["a counter in a map", hub(), hub({ by: { a: number("0"), b: number("1") } }), "by"],
  ])("%s", async (_, inFile, inTable, attribute) => {
    const { look } = await setUp([...many(3), inFile], [...many(3), inTable]);
    expect(await look()).toEqual({ attribute, key: keyed(inFile.PK as string) });
  });

  it.each<[string, PlainItem, PlainItem]>([
    ["a mark that the file has too", { ...at(3), counted: true }, { ...at(3), counted: true }],
    ["a counter that the file has too", hub({ members: number("20e-1") }), hub({ members: number("2") })],
    ["a counter of 0, as an uncount leaves it", hub(), hub({ members: number("0"), by: { a: number("0") } })],
    ["counts on items that are not in the file", at(3), hub({ members: number("2") })],
    [
      "an attribute of that name on other items",
      { ...hub(), kind: "other" },
      { ...hub(), kind: "other", members: number("2") },
    ],
  ])("not %s", async (_, inFile, inTable) => {
    const { look, proxy } = await setUp([...many(3), inFile], [...many(3), inTable]);
    expect(await look()).toBeUndefined();
    expect(batchGets(proxy.requests)).toBe(1);
  });
});

describe("the look", () => {
  it("reads each key of the file once, 100 a request, and finds the one in the last batch through faults", async () => {
    const rules: FaultRule[] = [
      { operation: "BatchGetItem", nth: [2, 4], fault: { kind: "throttle" } },
      { operation: "BatchGetItem", nth: [3, 6], fault: { kind: "unprocessedKeys", share: 0.5 } },
    ];
    const inFile = many(1_050);
    const inTable = [...inFile.slice(0, -1), { ...inFile.at(-1), counted: true }];
    const { look, proxy } = await setUp(inFile, inTable, rules);
    expect(await look()).toEqual({ attribute: "counted", key: keyed("member-1049") });
    const whole = proxy.requests.filter(({ fault }) => fault === undefined);
    expect(batchGets(whole)).toBeLessThanOrEqual(11 + 2);
  });

  it("stops at the first that it finds", async () => {
    const inFile = many(2_000);
    const { look, proxy } = await setUp(inFile, [{ ...at(0), counted: true }]);
    expect(await look()).toMatchObject({ attribute: "counted" });
    expect(batchGets(proxy.requests)).toBeLessThan(15);
  });

  it("fails where the table cannot be read: not found out is not fine", async () => {
    const fault = { kind: "error", name: "AccessDeniedException" } as const;
    const { look } = await setUp(many(3), many(3), [{ operation: "BatchGetItem", fault }]);
    await expect(look()).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("hears an interruption", async () => {
    const { look } = await setUp(many(3), many(3));
    await expect(look(COUNTS, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });
});
