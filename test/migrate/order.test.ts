import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrateDown } from "../../src/migrate/down.ts";
import {
  MIGRATION_KINDS,
  MigrationFilesError,
  MigrationHistoryError,
  newMigration,
  StepGoneError,
} from "../../src/migrate/index.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { chooseDown, planMigrations } from "../../src/migrate/plan.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import type { Project } from "../../src/project/find-project.ts";
import { userItem } from "./photos.ts";
import { backfillFile, projectWith, resultsOf, spelled, statesOf, testBed } from "./support.ts";

const pathOf = (project: Project, name: string) => join(project.root, "migrations", "quick-photos", name);

/** Values that are too large to be stored, so that the step fails. */
const FAILS = '{ from: ["SK"], attributes: ["level"], values: () => ({ level: "x".repeat(410 * 1024) }) }';

test("a failed migration is failed and never applied; what comes after it is not run", async () => {
  const project = await projectWith({
    "0001-a.ts": backfillFile("0001-a"),
    "0002-b.ts": backfillFile("0002-b", FAILS.replaceAll("level", "rank")),
    "0003-c.ts": backfillFile("0003-c", "{ third: 3 }"),
  });
  const bed = await testBed({ project, items: [userItem("a")] });
  const first = await migrateUp(bed.environment);
  expect(resultsOf(first)).toEqual({ "0001-a": "applied", "0002-b": "failed", "0003-c": "notRun" });
  expect(first.error).toMatchObject({ code: "migration-failed", exitCode: 1 });
  expect(first.error?.message).toMatch(/item size/i);
  expect(first.error?.message).toContain("USER#a");
  expect(first.pending).toBe(2);

  const again = await migrateUp(bed.environment);
  expect(resultsOf(again)).toEqual({ "0002-b": "failed", "0003-c": "notRun" });
  expect(statesOf(await migrateStatus(bed.environment))).toEqual({
    "0001-a": "applied",
    "0002-b": "failed",
    "0003-c": "pending",
  });
  const outcomes = (await bed.history()).events.map(({ subject, outcome }) => `${subject} ${outcome}`);
  expect(outcomes.filter((line) => line.startsWith("0002"))).toEqual([
    "0002-b started",
    "0002-b failed",
    "0002-b started",
    "0002-b failed",
  ]);

  const down = await migrateDown(bed.environment, { steps: 2 });
  expect(Object.keys(resultsOf(down))).toEqual(["0002-b", "0001-a"]);
  expect(spelled(await bed.items())).toEqual(spelled([userItem("a")]));
});

/** A migration of several backfills of users: `set` as code, by step id. */
function stepsFile(id: string, steps: Readonly<Record<string, string>>): string {
  const where = '{ SK: { beginsWith: "#METADATA#" } }';
  const calls = Object.entries(steps).map(
    ([step, set]) => `backfill({ id: "${step}", where: ${where}, set: ${set}, undo: "remove" })`,
  );
  return `import { backfill, defineMigration } from "tablewright/migrate";
export default defineMigration({ id: "${id}", description: "fills", steps: [${calls.join(", ")}] });
`;
}

test.each<[string, Readonly<Record<string, string>>]>([
  ["removed", { last: "{ last: 2 }" }],
  ["renamed", { "first-one": "{ first: 1 }", last: "{ last: 2 }" }],
])("a step that is %s in the file of a failed migration is told before anything runs", async (_, steps) => {
  const project = await projectWith({
    "0001-a.ts": stepsFile("0001-a", { first: "{ first: 1 }", last: FAILS }),
  });
  const edited = await projectWith({ "0001-a.ts": stepsFile("0001-a", steps) });
  const bed = await testBed({ project, items: [userItem("a")] });
  expect(resultsOf(await migrateUp(bed.environment))).toEqual({ "0001-a": "failed" });
  const history = await bed.history();
  const items = await bed.items();

  const environment = { ...bed.environment, migrations: migrationsOf(edited, "quick-photos") };
  for (const verb of [migrateUp, migrateDown, planMigrations, chooseDown]) {
    const error = await verb(environment).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StepGoneError);
    expect(error).toMatchObject({
      code: "step-gone",
      exitCode: 1,
      message: expect.stringMatching(/^0001-a: its step first \(backfill\) was started, .* no such step/),
      next: expect.stringMatching(/migrate down/),
      facts: { problems: [{ id: "0001-a", kind: "stepGone" }] },
    });
  }
  const { problems } = await migrateStatus(environment);
  expect(problems.map(({ kind }) => kind)).toEqual(["stepGone"]);
  expect(await bed.history()).toEqual(history);
  expect(await bed.items()).toEqual(items);

  // What the message says: the step comes back, down undoes it, and then it may go.
  expect(resultsOf(await migrateDown(bed.environment))).toEqual({ "0001-a": "reverted" });
  expect(resultsOf(await migrateUp(environment))).toEqual({ "0001-a": "applied" });
  expect((await bed.history()).steps.map(({ step }) => step).sort()).toEqual(Object.keys(steps).sort());
});

test("a step of the same id and another kind is gone; one that is added, moved or mended is not", async () => {
  const project = await projectWith({
    "0001-a.ts": stepsFile("0001-a", { first: "{ first: 1 }", last: FAILS }),
  });
  const bed = await testBed({ project, items: [userItem("a")] });
  await migrateUp(bed.environment);
  const index = '{ partitionKey: { name: "SK", type: "S" }, projection: "ALL" }';
  const otherKind = `import { defineMigration, ensureIndex } from "tablewright/migrate";
const step = { ...ensureIndex("ByName", ${index}), id: "first" };
export default defineMigration({ id: "0001-a", description: "d", steps: [step, { ...step, id: "last" }] });
`;
  const changed = {
    ...bed.environment,
    migrations: migrationsOf(await projectWith({ "0001-a.ts": otherKind }), "quick-photos"),
  };
  await expect(migrateUp(changed)).rejects.toThrow(StepGoneError);

  const steps = { before: "{ before: 0 }", last: "{ last: 2 }", first: "{ first: 1 }" };
  const mended = {
    ...bed.environment,
    migrations: migrationsOf(await projectWith({ "0001-a.ts": stepsFile("0001-a", steps) }), "quick-photos"),
  };
  expect(resultsOf(await migrateUp(mended))).toEqual({ "0001-a": "applied" });
});

test("every mistake in the files is reported at once, before anything is written", async () => {
  const project = await projectWith({
    "0001-a.ts": backfillFile("0001-a"),
    "0002-b.ts": backfillFile("0001-a"),
    "0003-c.ts": "export default 7;\n",
    "0004-d.ts": "export const migration = {};\n",
    "0005-e.ts": "this is not TypeScript {",
    "notes.ts": backfillFile("notes"),
    "0006-f.ts": 'export default { id: "0006-f", description: "d", steps: [] };\n',
  });
  const bed = await testBed({ project, items: [userItem("a")] });
  for (const verb of [migrateUp, migrateDown, migrateStatus]) {
    const error = await verb(bed.environment).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MigrationFilesError);
    expect(error).toMatchObject({ exitCode: 4 });
    const { message } = error as Error;
    for (const part of [
      /0002-b\.ts: exports the id "0001-a", but its file name says "0002-b"/,
      /0001-a\.ts: exports the id "0001-a", as .*0002-b\.ts does/,
      /0003-c\.ts: default export/,
      /0004-d\.ts: has no default export/,
      /0005-e\.ts: does not load/,
      /notes\.ts: is not named like a migration/,
      /0006-f\.ts: steps/,
    ]) {
      expect(message).toMatch(part);
    }
  }
  expect((await bed.history()).migrations).toEqual([]);
  expect(await bed.items()).toEqual([userItem("a")]);
});

test("edited, missing and out of order are all told before anything is written", async () => {
  const project = await projectWith({
    "0001-a.ts": backfillFile("0001-a"),
    "0003-c.ts": backfillFile("0003-c", "{ third: 3 }"),
    "0005-e.ts": backfillFile("0005-e", "{ fifth: 5 }"),
  });
  const bed = await testBed({ project, items: [userItem("a")] });
  await migrateUp(bed.environment);
  const history = await bed.history();

  writeFileSync(pathOf(project, "0001-a.ts"), backfillFile("0001-a", "{ level: 2 }"));
  rmSync(pathOf(project, "0003-c.ts"));
  writeFileSync(pathOf(project, "0004-d.ts"), backfillFile("0004-d", "{ fourth: 4 }"));
  const status = await migrateStatus(bed.environment);
  expect(statesOf(status)).toEqual({
    "0001-a": "changed",
    "0003-c": "missing",
    "0004-d": "pending",
    "0005-e": "applied",
  });
  const error = await migrateUp(bed.environment).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MigrationHistoryError);
  expect(error).toMatchObject({ exitCode: 1 });
  expect((error as Error).message.split("\n")).toHaveLength(6);
  expect((error as Error).message).toMatch(/0001-a: .*edited[\s\S]*0003-c: .*gone[\s\S]*0004-d: .*0005-e/);
  expect(await bed.history()).toEqual(history);
});

test("line ends, comments and quotes do not make a file changed", async () => {
  const project = await projectWith({ "0001-a.ts": backfillFile("0001-a") });
  const bed = await testBed({ project });
  await migrateUp(bed.environment);
  writeFileSync(
    pathOf(project, "0001-a.ts"),
    `/** Said anew. */\n${backfillFile("0001-a").replaceAll('"', "'")}`.replaceAll("\n", "\r\n"),
  );
  expect(statesOf(await migrateStatus(bed.environment))).toEqual({ "0001-a": "applied" });
});

test("ids are ordered by code unit, not by locale", async () => {
  const ids = ["0001-b", "0001-a-c", "0001-a"];
  const project = await projectWith(
    Object.fromEntries(ids.map((id, n) => [`${id}.ts`, backfillFile(id, `{ n${n}: ${n} }`)])),
  );
  const bed = await testBed({ project });
  const { results } = await migrateUp(bed.environment);
  expect(results.map(({ id }) => id)).toEqual(["0001-a", "0001-a-c", "0001-b"]);
  expect((await migrateDown(bed.environment, { steps: 3 })).results.map(({ id }) => id)).toEqual([
    "0001-b",
    "0001-a-c",
    "0001-a",
  ]);
});

test.each(MIGRATION_KINDS)("a new %s migration loads and is pending", async (kind) => {
  const project = await projectWith({ "0009-a.ts": backfillFile("0009-a") });
  const made = await newMigration(migrationsOf(project, "quick-photos"), "Add users by Status!", kind);
  expect(made.id).toBe("0010-add-users-by-status");
  const bed = await testBed({ project });
  const status = await migrateStatus(bed.environment);
  expect(statesOf(status)).toEqual({ "0009-a": "pending", [made.id]: "pending" });
});
