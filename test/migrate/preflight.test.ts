import { expect, test } from "vitest";
import { describeTable } from "../../src/dynamo/describe.ts";
import type { MigrateResult } from "../../src/migrate/index.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { userItem } from "./photos.ts";
import { backfillFile, projectWith, resultsOf, spelled, testBed } from "./support.ts";

const items = [userItem("a"), userItem("b")];

/** Code of computed values, from the name. */
const computed = (body: string, attributes = '["greeting"]') =>
  `{ from: ["name"], attributes: ${attributes}, values: (item) => (${body}) }`;

async function bedWith(files: Record<string, string>) {
  const sources = Object.entries(files).map(([id, set]) => [`${id}.ts`, backfillFile(id, set)]);
  return testBed({ items, project: await projectWith(Object.fromEntries(sources)) });
}

test.each([
  ["gives a key attribute", '{ SK: "#METADATA#x" }', /SK, of the table's key/],
  ["computes a key attribute", computed('{ PK: "USER#x" }', '["PK"]'), /PK, of the table's key/],
  ["throws", computed("item.name.first.letter"), /USER#[ab] \/ #METADATA#[ab]: .*undefined/],
  ["takes values from a clock", computed("{ greeting: String(performance.now()) }"), /asked again/],
  ["takes values at random", computed("{ greeting: String(Math.random()) }"), /asked again/],
  ["gives a promise", computed("Promise.resolve({ greeting: 1 })"), /no plain object/],
  ["gives what it does not declare", computed("{ other: 1 }"), /other, which it does not declare/],
  ["gives what DynamoDB has no type for", computed("{ greeting: new Date() }"), /USER#[ab]/],
])("a transform that %s is an error with its file, before anything is written", async (_, set, problem) => {
  const bed = await bedWith({ "0001-a": set });
  const running = migrateUp(bed.environment);
  await expect(running).rejects.toMatchObject({
    code: "migration-files",
    exitCode: 4,
    message: expect.stringMatching(/^migrations\/quick-photos\/0001-a\.ts: step fill: /),
  });
  await expect(running).rejects.toThrow(problem);
  expect(spelled(await bed.items())).toEqual(spelled(items));
  expect(await describeTable(bed.client, bed.environment.ledgerTable)).toBeUndefined();
});

test("the mistakes of all pending migrations are told at once", async () => {
  const bed = await bedWith({ "0001-a": "{ PK: 1 }", "0002-b": "{ SK: 1 }" });
  const message = expect.stringMatching(/0001-a\.ts: .*PK.*\n.*0002-b\.ts: .*SK/);
  await expect(migrateUp(bed.environment)).rejects.toMatchObject({ message });
});

test("a function that looks at what an earlier step gives is not tried without it", async () => {
  const second = `{ from: ["level"], attributes: ["rank"], values: ({ level }) => {
    if (level === undefined) throw new Error("no level yet");
    return { rank: level + 1 };
  } }`;
  const bed = await bedWith({ "0001-a": "{ level: 1 }", "0002-b": second });
  const result: MigrateResult = await migrateUp(bed.environment);
  expect(resultsOf(result)).toEqual({ "0001-a": "applied", "0002-b": "applied" });
  expect((await bed.items()).map((item) => item.rank?.N)).toEqual(["2", "2"]);
});
