import {
  type AttributeValue,
  DeleteItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredItem } from "../../src/dynamo/scan.ts";
import { JOURNAL_PARTS } from "../../src/ledger/index.ts";
import { backfill } from "../../src/migrate/index.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { backfillKind } from "../../src/migrate/steps/backfill.ts";
import type { StepContext } from "../../src/migrate/steps/step-context.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { tappedClient } from "../ledger/support.ts";
import { putItems, sharedTarget, testClient } from "../support/tables.ts";
import { userItem } from "./photos.ts";
import {
  clientOf,
  laterRun,
  projectWith,
  spelled,
  statesOf,
  stepContext,
  type TestBed,
  testBed,
} from "./support.ts";

const lowerCase = (username: string): StoredItem => ({ ...userItem(username), name: { S: "n" } });

const users = { SK: { beginsWith: "#METADATA#" } };
const shout = backfill({
  id: "shout",
  where: users,
  set: {
    from: ["name"],
    attributes: ["name", "letters"],
    values: ({ name }) => {
      const text = String(name ?? "nobody").toUpperCase();
      return { name: text, letters: text.length };
    },
  },
  overwrite: true,
  undo: "journal",
});
const constant = backfill({ id: "v2", where: users, set: { version: 2 }, overwrite: true, undo: "journal" });

const keyOf = (username: string) => ({ PK: { S: `USER#${username}` }, SK: { S: `#METADATA#${username}` } });

function setAttribute(bed: TestBed, username: string, name: string, value: AttributeValue) {
  return bed.client.send(
    new UpdateItemCommand({
      TableName: bed.environment.table,
      Key: keyOf(username),
      UpdateExpression: "SET #a = :a",
      ExpressionAttributeNames: { "#a": name },
      ExpressionAttributeValues: { ":a": value },
    }),
  );
}

async function journalOf(context: StepContext): Promise<StoredItem[]> {
  const { ledger } = context.fence;
  const parts = Array.from({ length: JOURNAL_PARTS }, (_, part) =>
    ledger.client.send(
      new QueryCommand({
        TableName: ledger.ledgerTable,
        KeyConditionExpression: "PK = :part",
        ExpressionAttributeValues: { ":part": { S: `${ledger.scope}#JOURNAL#${part}` } },
      }),
    ),
  );
  return (await Promise.all(parts)).flatMap(({ Items = [] }) => Items);
}

test("down then up is the identity on the data, whatever was overwritten", async () => {
  const bed = await testBed();
  const value = fc.oneof(
    fc.string().map((S): AttributeValue => ({ S })),
    fc.constantFrom<AttributeValue>(
      { N: "12345678901234567890123456789012345678" },
      { N: "-1.50" },
      { N: "2" },
      { BOOL: true },
      { NULL: true },
      { SS: ["x", "y"] },
      { M: { inner: { L: [{ N: "1" }, { S: "" }] } } },
      { B: new Uint8Array([0, 255]) },
    ),
  );
  const attributes = fc.record({ name: value, letters: value, version: value }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(fc.array(attributes, { minLength: 1, maxLength: 6 }), async (rows) => {
      const seed = rows.map((row, n): StoredItem => {
        const { name: _name, ...rest } = userItem(`u${n}`);
        return { ...rest, ...row };
      });
      await putItems(bed.client, bed.environment.table, seed);
      for (const step of [shout, constant]) {
        const context = stepContext(bed);
        await backfillKind.run(step, context);
        const after = await bed.items();
        if (step === constant) expect(after.every((item) => item.version?.N === "2")).toBe(true);
        await backfillKind.undo(step, context);
        expect(spelled(await bed.items())).toEqual(spelled(seed));
        expect(await journalOf(context)).toEqual([]);
        await backfillKind.run(step, context);
        expect(spelled(await bed.items())).toEqual(spelled(after));
        await backfillKind.undo(step, context);
      }
      for (const { PK, SK } of seed) {
        const Key = { PK, SK } as StoredItem;
        await bed.client.send(new DeleteItemCommand({ TableName: bed.environment.table, Key }));
      }
    }),
    { numRuns: 3 },
  );
});

test("down gives back only where the value still is the step's; what is gone stays gone", async () => {
  const names = ["kept", "renamed", "half", "deleted"];
  const bed = await testBed({ items: names.map(lowerCase) });
  const warnings: string[] = [];
  const log = { ...bed.environment.log, warn: (line: string) => warnings.push(line) };
  const context = { ...stepContext(bed), log };
  expect((await backfillKind.run(shout, context)).counts).toMatchObject({ items: 4, passes: 2 });
  await setAttribute(bed, "renamed", "name", { S: "Zoë" });
  await setAttribute(bed, "renamed", "letters", { N: "3" });
  await setAttribute(bed, "half", "letters", { N: "99" });
  await bed.client.send(new DeleteItemCommand({ TableName: bed.environment.table, Key: keyOf("deleted") }));

  const { counts, outcome } = await backfillKind.undo(shout, context);
  expect(outcome).toBe("restored");
  expect(counts).toMatchObject({ items: 2, left: 2 });
  expect(warnings).toEqual([expect.stringMatching(/2 items keep .*USER#(half|renamed)/)]);
  expect(spelled(await bed.items())).toEqual(
    spelled([
      lowerCase("kept"),
      { ...lowerCase("renamed"), name: { S: "Zoë" }, letters: { N: "3" } },
      { ...lowerCase("half"), letters: { N: "99" } },
    ]),
  );
  expect(await journalOf(context)).toEqual([]);
});

test("an item that the application changes under the update is overwritten as it is then, and given back so", async () => {
  const bed = await testBed({ items: [userItem("a")] });
  const client = clientThat(bed, "TransactWriteItemsCommand", () =>
    setAttribute(bed, "a", "name", { S: "new" }),
  );
  const context = stepContext(bed, client);
  expect((await backfillKind.run(shout, context)).counts).toMatchObject({ items: 1, conflicts: 1 });
  expect((await bed.items())[0]?.name).toEqual({ S: "NEW" });
  await backfillKind.undo(shout, context);
  expect(spelled(await bed.items())).toEqual(spelled([{ ...userItem("a"), name: { S: "new" } }]));
});

/** A client that does `work` once, before its first command of a kind on the table. */
function clientThat(bed: TestBed, kind: string, work: () => Promise<unknown>) {
  const { client } = testClient();
  let done: Promise<unknown> | undefined;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === kind && JSON.stringify(args.input).includes(bed.environment.table)) {
          done ??= work();
          await done;
        }
        return next(args);
      },
    { step: "initialize", name: "once" },
  );
  return client;
}

test("lost answers and conflicts leave neither a wrong value nor a record too many", async () => {
  const seed = Array.from({ length: 30 }, (_, n) => userItem(`u${n}`));
  const bed = await testBed({ items: seed });
  const proxy = await startFaultProxy(sharedTarget().endpoint ?? "", {
    seed: 5,
    rules: [
      { operation: "TransactWriteItems", probability: 0.1, fault: { kind: "loseAnswer" } },
      { operation: "TransactWriteItems", probability: 0.1, fault: { kind: "conflict" } },
      { operation: "TransactWriteItems", probability: 0.1, fault: { kind: "throttle" } },
      { operation: "DeleteItem", probability: 0.3, fault: { kind: "loseAnswer" } },
    ],
  });
  const context = stepContext(bed, clientOf(proxy.endpoint));
  await backfillKind.run(shout, context);
  expect(await journalOf(context)).toHaveLength(30);
  expect((await bed.items()).every((item) => item.letters?.N === "1")).toBe(true);
  await backfillKind.undo(shout, context);
  await proxy.close();
  expect(proxy.requests.some(({ fault }) => fault === "loseAnswer")).toBe(true);
  expect(spelled(await bed.items())).toEqual(spelled(seed));
  expect(await journalOf(context)).toEqual([]);
});

test("a down that dies half-way is finished by down, or taken back by up", async () => {
  const seed = Array.from({ length: 12 }, (_, n) => userItem(`u${n}`));
  for (const finish of ["undo", "run"] as const) {
    const bed = await testBed({ items: seed });
    const context = stepContext(bed);
    await backfillKind.run(shout, context);
    const after = spelled(await bed.items());
    const { client, tap } = tappedClient();
    tap.afterCall = () => {
      if (tap.commands.filter((name) => name === "TransactWriteItemsCommand").length === 5) tap.dead = true;
    };
    const dying = backfillKind.undo(shout, await laterRun(context, { client }));
    await expect(dying).rejects.toThrow("cut off");
    const half = spelled(await bed.items());
    expect([after, spelled(seed)]).not.toContainEqual(half);
    await backfillKind[finish](shout, await laterRun(context));
    expect(spelled(await bed.items())).toEqual(finish === "undo" ? spelled(seed) : after);
  }
});

test("what would be overwritten again and again is refused, with the item", async () => {
  const step = backfill({
    ...shout,
    set: { from: ["name"], attributes: ["name"], values: ({ name }) => ({ name: `${name}!` }) },
  });
  const bed = await testBed({ items: [userItem("a")] });
  await expect(backfillKind.run(step, stepContext(bed))).rejects.toThrow(/USER#a.*another name each time/);
  expect(spelled(await bed.items())).toEqual(spelled([userItem("a")]));
});

test("what is overwritten cannot be removed by down: the step is refused as it is defined", () => {
  expect(() => backfill({ ...constant, undo: "remove" })).toThrow(/cannot be undone by "remove"/);
});

test("status does not read the journal: it costs the same on a table of any size", async () => {
  const project = await projectWith({
    "0001-shout.ts": `import { backfill, defineMigration } from "tablewright/migrate";
export default defineMigration({
  id: "0001-shout",
  description: "overwrites",
  steps: [backfill({ id: "shout", where: { SK: { beginsWith: "#METADATA#" } }, set: { name: "N" }, overwrite: true, undo: "journal" })],
});
`,
  });
  const bed = await testBed({ project, items: Array.from({ length: 60 }, (_, n) => lowerCase(`u${n}`)) });
  expect((await migrateUp(bed.environment)).results).toMatchObject([
    { result: "applied", steps: [{ counts: { items: 60 } }] },
  ]);
  const { client } = testClient();
  const read: number[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const { ScannedCount } = answer.output as { ScannedCount?: number };
      if (ScannedCount !== undefined) read.push(ScannedCount);
      return answer;
    },
    { step: "deserialize", priority: "high", name: "countRead" },
  );
  expect(statesOf(await migrateStatus(bed.through(client)))).toEqual({ "0001-shout": "applied" });
  // The lease, the migration, its step and the two events of its run.
  expect(read).toEqual([5]);
});
