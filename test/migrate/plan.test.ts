import { CreateTableCommand, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { waitUntilActive } from "../../src/dynamo/waits.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { type MigrationPlan, type PlannedStep, planDown, planMigrations } from "../../src/migrate/plan.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { createTableInput, putItems, sharedTarget, uniqueName } from "../support/tables.ts";
import { friendshipItem, photoItem, reactionItem, smallTable, userItem } from "./photos.ts";
import { clientOf, projectWith, spelled, type TestBed, testBed } from "./support.ts";

/** One for all tables of this file: making one takes longer than most tests. */
const LEDGER = uniqueName("ledger");

const USERS = `where: { SK: { beginsWith: "#METADATA#" } }`;

/** Files of a project: each with the code of its steps. */
const projectOf = (...migrations: string[]) =>
  projectWith(
    Object.fromEntries(
      migrations.map((steps, index) => {
        const id = `000${index + 1}-m`;
        const code = `import { backfill, counter, defineMigration, dropIndex, ensureIndex, script, verify } from "tablewright/migrate";
export default defineMigration({ id: "${id}", description: "d", steps: [${steps}] });\n`;
        return [`${id}.ts`, code];
      }),
    ),
  );

const stepsOf = (plan: MigrationPlan): PlannedStep[] => plan.planned.flatMap(({ steps }) => [...steps]);

/** What a run sent to a table: writes, and what they cost, as the engine says. */
interface Sent {
  pages: number;
  readUnits: number;
  updates: number;
  table: number;
  readonly indexes: Record<string, number>;
  transactions: number;
  /** Actions of all transactions that changed or checked something. */
  actions: number;
}

/** Runs `up` through a proxy that keeps count, and says what went to the table's own items. */
async function countUp(bed: TestBed): Promise<Sent> {
  const sent: Sent = {
    pages: 0,
    readUnits: 0,
    updates: 0,
    table: 0,
    indexes: {},
    transactions: 0,
    actions: 0,
  };
  const proxy = await startFaultProxy(sharedTarget().endpoint ?? "");
  const client = clientOf(proxy.endpoint);
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        const input = args.input as {
          TableName?: string;
          ConsistentRead?: boolean;
          TransactItems?: TransactWriteItem[];
        };
        const { ConsumedCapacity: used } = result.output as { ConsumedCapacity?: Used };
        if (commandName === "TransactWriteItemsCommand") {
          const own = (input.TransactItems ?? []).filter(
            ({ Update }) => Update?.TableName === bed.environment.table,
          );
          sent.transactions += own.length > 0 ? 1 : 0;
          sent.actions += own.length;
        }
        if (input.TableName !== bed.environment.table) return result;
        if (commandName === "ScanCommand" && input.ConsistentRead) {
          sent.pages += 1;
          sent.readUnits += used?.Table?.CapacityUnits ?? 0;
        }
        if (commandName === "UpdateItemCommand") {
          sent.updates += 1;
          sent.table += used?.Table?.CapacityUnits ?? 0;
          for (const [name, { CapacityUnits = 0 }] of Object.entries(used?.GlobalSecondaryIndexes ?? {})) {
            sent.indexes[name] = (sent.indexes[name] ?? 0) + CapacityUnits;
          }
        }
        return result;
      },
    { step: "initialize", name: "count", priority: "high" },
  );
  const { error } = await migrateUp(bed.through(client));
  expect(error).toBeUndefined();
  return sent;
}

interface Used {
  readonly Table?: { CapacityUnits?: number };
  readonly GlobalSecondaryIndexes?: Record<string, { CapacityUnits?: number }>;
}

const within = (value: number, { least, most }: { least: number; most: number }) => {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
};

describe("an exact plan is what up then does", () => {
  /** Items of many sizes, and what a step gives them: text of another size, or nothing. */
  const item = fc.record({
    name: fc.integer({ min: 0, max: 5_000 }),
    kind: fc.constantFrom("#METADATA#", "PHOTO#"),
    level: fc.option(fc.integer({ min: 0, max: 9 })),
    gift: fc.integer({ min: 0, max: 3_000 }),
  });

  test("of backfills: items, requests, and the units that the engine reports, with and without an index", {
    timeout: 120_000,
  }, async () => {
    const project = await projectOf(
      `backfill({ id: "fill", ${USERS}, set: { level: 1 } }),
       backfill({ id: "gift", ${USERS}, set: { from: ["size", "level"], attributes: ["text"], values: ({ size, level }) =>
         size === undefined || level > 6 ? undefined : { text: "x".repeat(size) } } })`,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 12 }), fc.boolean(), async (drawn, indexes) => {
        const items: StoredItem[] = drawn.map(({ name, kind, level, gift }, n) => ({
          PK: { S: `USER#${n}` },
          SK: { S: `${kind}${n}` },
          name: { S: "n".repeat(name) },
          ...(level === null ? {} : { level: { N: String(level) } }),
          ...(gift % 3 === 0 ? {} : { size: { N: String(gift) } }),
        }));
        const ends: (() => void | Promise<void>)[] = [];
        const bed = await testBed({
          ledgerTable: LEDGER,
          project,
          items,
          indexes,
          atEnd: (work) => void ends.push(work),
        });
        const plan = await planMigrations(bed.environment);
        const steps = stepsOf(plan).map(({ forecast }) => forecast);
        expect(steps.map((forecast) => forecast?.exact)).toEqual([true, true]);
        const sum = (of: (forecast: NonNullable<PlannedStep["forecast"]>) => number) =>
          steps.reduce((total, forecast) => total + (forecast ? of(forecast) : 0), 0);

        const sent = await countUp(bed);
        expect({ updates: sent.updates, table: sent.table, indexes: sent.indexes }).toEqual({
          updates: sum(({ written }) => written),
          table: sum(({ writeUnits }) => writeUnits.table.most),
          indexes:
            indexes && sent.updates > 0
              ? { InvertedIndex: sum(({ writeUnits }) => writeUnits.indexes.InvertedIndex?.most ?? 0) }
              : {},
        });
        expect(sum(({ writeUnits }) => writeUnits.table.least)).toBe(sent.table);
        within(sent.pages, {
          least: sum(({ requests }) => requests.pages.least),
          most: sum(({ requests }) => requests.pages.most),
        });
        within(sent.readUnits, {
          least: sum(({ readUnits }) => readUnits.least),
          most: sum(({ readUnits }) => readUnits.most),
        });
        expect((await planMigrations(bed.environment, { includeApplied: true })).changes).toBe(0);
        for (const end of ends) await end();
      }),
      { numRuns: 4 },
    );
  });

  test("of counters: members, orphans, transactions and their actions within what is said", async () => {
    const lost = friendshipItem("nobody", "user1");
    const crowd = Array.from({ length: 30 }, (_, n) => friendshipItem("user0", `fan${n}`));
    const fans = Array.from({ length: 30 }, (_, n) => userItem(`fan${n}`));
    const bed = await testBed({ ledgerTable: LEDGER, items: [...smallTable(5), ...crowd, ...fans, lost] });
    const plan = await planMigrations(bed.environment);
    const [, zero, reactions, start, friendships] = stepsOf(plan);
    expect(friendships?.action).toBe("count 40 items, leave 1 that have nothing to be counted on");
    expect(friendships?.forecast).toMatchObject({ matching: 41, needing: 41 });
    // The counters are what the step before gives: zeros that are not on the table yet.
    expect(friendships?.examples?.[1]?.changes[0]).toMatchObject({
      attribute: "followers",
      before: "0",
    });

    const sent = await countUp(bed);
    const counters = [reactions, friendships].flatMap((step) => step?.forecast ?? []);
    within(sent.transactions, {
      least: counters.reduce((sum, { requests }) => sum + requests.writes.least, 0),
      most: counters.reduce((sum, { requests }) => sum + requests.writes.most, 0),
    });
    // Items are below 1 KB: two units an action.
    within(2 * sent.actions, {
      least: counters.reduce((sum, { writeUnits }) => sum + writeUnits.table.least, 0),
      most: counters.reduce((sum, { writeUnits }) => sum + writeUnits.table.most, 0),
    });
    expect(sent.updates).toBe((zero?.changes ?? 0) + (start?.changes ?? 0));
    const after = await bed.items();
    expect(after.filter(({ counted }) => counted?.BOOL).length).toBe(
      (reactions?.changes ?? 0) + (friendships?.changes ?? 0),
    );
    // What the examples say of a counter is what stands on the item now.
    for (const { key, changes } of friendships?.examples ?? []) {
      const [PK, SK] = key.split(" / ");
      const found = after.find((one) => one.PK?.S === PK && one.SK?.S === SK);
      for (const { attribute, after: said } of changes) {
        const value = found?.[attribute];
        expect(value?.N ?? String(value?.BOOL)).toBe(said);
      }
    }
  });
});

test("the plan of down is what down then does, each step on items as the ones before leave them", async () => {
  const lost = friendshipItem("nobody", "user1");
  const bed = await testBed({ ledgerTable: LEDGER, items: [...smallTable(5), lost] });
  await migrateUp(bed.environment);
  const plan = await planDown(bed.environment, { steps: 3 });
  const said = stepsOf(plan).map(({ id, action, changes }) => [id, action, changes]);
  expect(said).toEqual([
    ["count-friendships", "uncount 10 items", 10],
    ["start-at-zero", "remove followers, following from 5 items", 5],
    ["count-reactions", "uncount 10 items", 10],
    ["start-at-zero", "remove reactions from 5 items", 5],
    ["ensure-index-InvertedIndex", "drop the index InvertedIndex", 1],
  ]);
  expect(plan.mistakes).toEqual([]);
  const { results, error } = await migrateDown(bed.environment, { steps: 3 });
  expect(error).toBeUndefined();
  const done = results.flatMap(({ steps }) => steps.map(({ counts }) => counts.members ?? counts.items ?? 1));
  expect(done).toEqual(stepsOf(plan).map(({ changes }) => changes));
  expect((await planDown(bed.environment)).planned).toEqual([]);
});

test("a journal doubles what an update costs, and is paid for in the ledger; what it gives back is not known", async () => {
  const project = await projectOf(
    `backfill({ id: "fill", ${USERS}, set: { name: "new" }, overwrite: true, undo: "journal" })`,
  );
  const bed = await testBed({ ledgerTable: LEDGER, project, items: [userItem("a"), userItem("b")] });
  const [step] = stepsOf(await planMigrations(bed.environment));
  expect(step?.forecast?.writeUnits).toMatchObject({ table: { most: 4 }, ledger: { least: 4, most: 4 } });
  expect(step?.examples?.[0]?.changes).toEqual([{ attribute: "name", before: '"N"', after: '"new"' }]);
  const sent = await countUp(bed);
  expect(sent).toMatchObject({ transactions: 2, actions: 2, updates: 0 });
  const [back] = stepsOf(await planDown(bed.environment));
  expect(back?.unknown).toMatch(/journal/);
});

describe("a step is planned on items as the steps before it leave them:", () => {
  test("what one computes from what another gives, an index over it, and a check of it", async () => {
    const project = await projectOf(
      `backfill({ id: "fill", ${USERS}, set: { level: 3 } })`,
      `backfill({ id: "rank", ${USERS}, set: { from: ["level"], attributes: ["rank"], values: ({ level }) => {
         if (level === undefined) throw new Error("no level yet");
         return { rank: "r" + (level + 1) };
       } } }),
       ensureIndex("ByRank", { partitionKey: { name: "rank", type: "S" }, projection: "KEYS_ONLY" }),
       backfill({ id: "more", ${USERS}, set: { more: true } }),
       verify({ id: "check", ${USERS}, expect: ({ rank }) => rank === "r4" ? undefined : "no rank" }),
       verify({ id: "wrong", ${USERS}, count: { max: 1 } }),
       dropIndex("ByRank")`,
    );
    const bed = await testBed({ ledgerTable: LEDGER, project, items: [userItem("a"), userItem("b")] });
    const [, rank, index, more, check, wrong, drop] = stepsOf(await planMigrations(bed.environment));
    expect(rank?.examples?.[0]?.changes).toEqual([{ attribute: "rank", before: null, after: '"r4"' }]);
    expect(index?.counts).toMatchObject({ entries: 2 });
    // The index has the keys alone: what else is set costs nothing there.
    expect(more?.forecast?.writeUnits).toMatchObject({ table: { most: 2 }, indexes: {} });
    expect(check?.warnings).toEqual([]);
    expect(wrong?.warnings).toMatchObject([
      { code: "check-fails", message: expect.stringMatching(/at most 1 wanted/) },
    ]);
    expect(drop).toMatchObject({ action: "drop the index ByRank", changes: 1 });
  });

  test("and after a script nothing is certain", async () => {
    const project = await projectOf(
      `script({ id: "free", idempotent: true, run: async () => {} }), backfill({ id: "fill", ${USERS}, set: { level: 3 } })`,
    );
    const bed = await testBed({ ledgerTable: LEDGER, project, items: [userItem("a")] });
    const plan = await planMigrations(bed.environment);
    expect(stepsOf(plan)[1]).toMatchObject({
      action: "set level on about 1 items",
      forecast: { exact: false },
    });
    expect(plan.totals?.exact).toBe(false);
  });
});

describe("a table that is too large to be read whole", () => {
  const items = Array.from({ length: 200 }, (_, n) => userItem(`user${n}`));
  const friends = Array.from({ length: 100 }, (_, n) => friendshipItem(`user${n}`, `user${n + 100}`));

  test("is sampled, and its figures are estimates", async () => {
    const bed = await testBed({ ledgerTable: LEDGER, items: [...items, ...friends] });
    const plan = await planMigrations(bed.environment, { sample: { items: 60 } });
    expect(plan.sample?.whole).toBe(false);
    expect(plan.sample?.items).toBeGreaterThan(60);
    expect(plan.sample?.items).toBeLessThan(150);
    const [, , , start, count] = stepsOf(plan);
    // Two of three are users: a sample of 60 tells that to within a third, but for one time in millions.
    expect(start).toMatchObject({
      action: expect.stringMatching(/^set .* on about \d+ items$/),
      forecast: { exact: false, items: 300 },
    });
    within(start?.changes ?? 0, { least: 130, most: 270 });
    // Those who are followed are looked up: none of the members is taken for an orphan.
    expect(count?.counts.orphans).toBe(0);
    expect(count?.forecast?.matchingShare).toBeGreaterThan(0.1);
    expect(count?.changes).toBe(count?.forecast?.needing);
  });

  test("hides what counters come to from the steps after them, which say so", async () => {
    const project = await projectOf(
      `counter({ id: "count", members: { SK: { beginsWith: "#FRIEND#" } }, mark: "counted", on: { SK: { beginsWith: "#METADATA#" } },
         attributes: ["followers"], counts: ({ PK }) => [{ key: { PK, SK: "#METADATA#" + PK.slice(5) }, path: ["followers"] }] }),
       backfill({ id: "famous", ${USERS}, set: { from: ["followers"], attributes: ["famous"], values: ({ followers }) => ({ famous: followers > 0 }) } })`,
    );
    const bed = await testBed({ ledgerTable: LEDGER, project, items: [...items, ...friends] });
    const [, sampled] = stepsOf(await planMigrations(bed.environment, { sample: { items: 60 } }));
    expect(sampled?.unknown).toMatch(/it looks at followers, which a step before it counts/);
    const [, exact] = stepsOf(await planMigrations(bed.environment));
    expect(exact).toMatchObject({ changes: 200, forecast: { exact: true } });
  });
});

describe("what would fail", () => {
  test.each([
    [
      "throws",
      '{ from: ["name"], attributes: ["x"], values: ({ name }) => ({ x: name.y.z }) }',
      /^step fill: USER#a \/ #METADATA#a: .*undefined/,
    ],
    [
      "is random",
      '{ from: ["name"], attributes: ["x"], values: () => ({ x: Math.random() }) }',
      /asked again/,
    ],
    [
      "gives a key",
      '{ from: ["name"], attributes: ["PK"], values: () => ({ PK: "x" }) }',
      /PK, of the table's key/,
    ],
    [
      "gives too much",
      '{ from: ["name"], attributes: ["x"], values: () => ({ x: "x".repeat(410_000) }) }',
      /larger than 400 KB/,
    ],
  ])(
    "a transform that %s stands in the plan, with the key, and other steps are planned",
    async (_, set, problem) => {
      const project = await projectOf(
        `backfill({ id: "fill", ${USERS}, set: ${set} })`,
        `backfill({ id: "other", ${USERS}, set: { y: 1 } })`,
      );
      const bed = await testBed({ ledgerTable: LEDGER, project, items: [userItem("a")] });
      const plan = await planMigrations(bed.environment);
      expect(plan.mistakes).toMatchObject([
        { file: "migrations/quick-photos/0001-m.ts", problem: expect.stringMatching(problem) },
      ]);
      expect(stepsOf(plan)[1]).toMatchObject({ changes: 1 });
      const redacted = await planMigrations({ ...bed.environment, redact: true });
      expect(JSON.stringify(redacted.mistakes)).not.toContain("USER#a");
    },
  );

  test("a function of a counter that fails on one item of many", async () => {
    const project = await projectOf(
      `counter({ id: "count", members: { SK: { beginsWith: "#FRIEND#" } }, mark: "counted", on: ${"{ SK: { beginsWith: '#METADATA#' } }"},
         attributes: ["followers"], counts: ({ timestamp, PK }) => [{ key: { PK, SK: "#METADATA#" + timestamp.slice(0) }, path: ["followers"] }] })`,
    );
    const { timestamp: _, ...poison } = friendshipItem("a", "c");
    const bed = await testBed({ ledgerTable: LEDGER, project, items: [friendshipItem("a", "b"), poison] });
    const { mistakes } = await planMigrations(bed.environment);
    expect(mistakes).toMatchObject([
      { problem: expect.stringMatching(/^step count: USER#a \/ #FRIEND#c: /) },
    ]);
  });
});

test("hidden items show names and kinds, and nothing of what stands in them", async () => {
  const reaction = reactionItem("secretive", "heart", "private", "2019-01-01T00:00:00");
  const items = [
    userItem("secretive"),
    userItem("private"),
    photoItem("private", "2019-01-01T00:00:00"),
    reaction,
  ];
  const bed = await testBed({ ledgerTable: LEDGER, items });
  const plan = await planMigrations({ ...bed.environment, redact: true });
  expect(JSON.stringify(plan)).not.toMatch(/secretive|private/);
  expect(stepsOf(plan)[1]?.examples).toEqual([
    { key: "PK <string> / SK <string>", changes: [{ attribute: "reactions", before: null, after: "<map>" }] },
  ]);
});

test("time goes by the allowed rate, and money by how the table is paid for", async () => {
  const bed = await testBed({ ledgerTable: LEDGER, items: smallTable(4) });
  const { table: _, ...environment } = bed.environment;
  const unlimited = await planMigrations(bed.environment);
  expect(unlimited.totals?.seconds).toBeNull();
  expect(unlimited.totals?.cost).toMatchObject({ billing: "local", region: "us-east-1" });
  expect(unlimited.totals?.cost.dollars?.most).toBeCloseTo(
    ((unlimited.totals?.writeUnits.most ?? 0) * 0.625 + (unlimited.totals?.readUnits.most ?? 0) * 0.125) /
      1e6,
    9,
  );
  const slow = await planMigrations({ ...bed.environment, rate: { write: { units: 2 } } });
  const forecast = stepsOf(slow)[1]?.forecast;
  const { table: own, indexes } = forecast?.writeUnits ?? { table: { most: 0 }, indexes: {} };
  const busiest = Math.max(own.most, ...Object.values(indexes).map(({ most }) => most));
  expect(forecast?.seconds?.most).toBe(Math.ceil(busiest / 2));

  const provisioned = uniqueName("provisioned");
  const ProvisionedThroughput = { ReadCapacityUnits: 100, WriteCapacityUnits: 10 };
  const input = createTableInput(provisioned, quickPhotos, false);
  await bed.client.send(
    new CreateTableCommand({ ...input, BillingMode: "PROVISIONED", ProvisionedThroughput }),
  );
  await waitUntilActive(bed.client, provisioned, { pollMs: 20 });
  await putItems(bed.client, provisioned, smallTable(4));
  const half = { read: { percent: 50 }, write: { percent: 50 } };
  const plan = await planMigrations({ ...environment, table: provisioned, rate: half });
  expect(stepsOf(plan)[1]?.forecast?.seconds?.most).toBeGreaterThan(0);
  expect(spelled(await bed.items())).toEqual(spelled(smallTable(4)));
});
