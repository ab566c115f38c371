import { expect, test } from "vitest";
import { migrationsOf, readMigrationFiles } from "../../src/migrate/load-migrations.ts";
import { projectWith } from "./support.ts";

const HEAD = `import { backfill, counter, defineMigration, dropIndex, ensureIndex, ensureStream, ensureTtl, script, verify } from "tablewright/migrate";
const design = { partitionKey: { name: "a", type: "S" }, projection: "ALL" };
const run = async () => {};
`;

/** The mistakes of a migration with these steps, given as code. */
async function mistakesOf(steps: string): Promise<string[]> {
  const text = `${HEAD}export default defineMigration({ id: "0001-a", description: "d", steps: [${steps}] });\n`;
  const { mistakes } = await readMigrationFiles(
    migrationsOf(await projectWith({ "0001-a.ts": text }), "quick-photos"),
  );
  return mistakes.map(({ problem }) => problem);
}

test("steps as their builders make them are in order", async () => {
  const steps = [
    'ensureIndex("ByName", design)',
    'dropIndex("Other", { undo: "refuse" })',
    'ensureTtl("expires")',
    'ensureStream("NEW_IMAGE")',
    'backfill({ id: "fill", where: { PK: "x" }, set: { a: 1, b: [null, { c: true }] } })',
    'backfill({ id: "more", where: {}, set: { from: ["a"], attributes: ["b"], values: () => ({ b: 1 }) } })',
    'counter({ id: "count", members: {}, mark: "m", on: {}, attributes: ["n"], counts: () => [] })',
    'verify({ id: "check", where: {}, expect: () => undefined, sample: 0.1 })',
    'verify({ id: "some", where: { SK: { beginsWith: "#" } }, index: "ByName", count: { min: 1, max: 2 } })',
    'script({ id: "free", idempotent: true, run })',
  ];
  expect(await mistakesOf(steps.join(", "))).toEqual([]);
});

test.each<[string, RegExp]>([
  ['script({ id: "s", run })', /^steps\.0\.idempotent: must say idempotent: true/],
  ['script({ id: "s", idempotent: true })', /^steps\.0\.run: must be a function/],
  ['script({ id: "s", idempotent: true, run, writes: [{}] })', /^steps\.0\.writes\.0\.where: /],
  ["ensureIndex()", /^steps\.0\.index: must be the name of one index/],
  ['ensureIndex(["One", "Two"], design)', /^steps\.0\.index: .*one at a time/],
  ['{ ...ensureIndex("One", design), ...dropIndex("Two") }', /^steps\.0: Unrecognized keys: "design", /],
  ['[ensureIndex("One", design), dropIndex("Two")]', /^steps\.0: must be one step, not a list/],
  [
    'ensureIndex("One", { ...design, projection: { include: [] } })',
    /^steps\.0\.design\.projection\.include: /,
  ],
  [
    'ensureIndex("One", { ...design, sortKey: { name: "b", type: "SS" } })',
    /^steps\.0\.design\.sortKey\.type: /,
  ],
  ['ensureStream("ALL")', /^steps\.0\.view: /],
  ["ensureTtl(7)", /^steps\.0\.attribute: /],
  ['backfill({ id: "b" })', /^steps\.0\.set: must be attributes/],
  ['backfill({ id: "b", where: { PK: { prefix: "x" } }, set: { a: 1 } })', /^steps\.0\.where\.PK: must be a/],
  ['backfill({ id: "b", where: {}, set: { a: 1 }, undo: "journal-please" })', /^steps\.0\.undo: /],
  [
    'counter({ id: "c", members: {}, mark: "m", on: {}, attributes: ["n"], counts: 3 })',
    /^steps\.0\.counts: must be/,
  ],
  ['verify({ id: "v", where: {} })', /^steps\.0: must say what to expect/],
  ['verify({ id: "v", where: {}, count: { min: 1 }, sample: 0.5 })', /^steps\.0\.sample: a sample cannot/],
  ['verify({ id: "v", where: {}, count: { min: 3, max: 2 } })', /^steps\.0\.count: min must not/],
  ['{ kind: "gate", id: "g" }', /^steps\.0: must be a step of one of these kinds: ensureIndex, dropIndex/],
  ["undefined", /^steps\.0: must be a step of one of these kinds/],
])("%s is a mistake of the file", async (step, message) => {
  const mistakes = await mistakesOf(step);
  expect(mistakes).toContainEqual(expect.stringMatching(message));
});

test("every mistake of a file is told at once, each with its place", async () => {
  const text = `${HEAD}export default { id: 7, title: "t", steps: [
    ensureTtl(""), script({ id: "same", idempotent: false, run }), verify({ id: "same", where: 3, count: {} }),
  ] };\n`;
  const { mistakes } = await readMigrationFiles(
    migrationsOf(await projectWith({ "0001-a.ts": text }), "quick-photos"),
  );
  expect(mistakes.every(({ file }) => file === "migrations/quick-photos/0001-a.ts")).toBe(true);
  const places = mistakes.map(({ problem }) => problem.split(":")[0]);
  expect(places.sort()).toEqual(
    [
      "default export",
      "description",
      "has more than one step same",
      "id",
      "steps.0.attribute",
      "steps.1.idempotent",
      "steps.2.count",
      "steps.2.where",
    ].sort(),
  );
});
