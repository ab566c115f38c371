import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appliedWrites } from "../../src/ledger/index.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import {
  IrreversibleMigrationError,
  RepairRefusedError,
  UnknownMigrationError,
  writeSum,
} from "../../src/migrate/index.ts";
import { migrationsOf } from "../../src/migrate/load-migrations.ts";
import { migrateHistory } from "../../src/migrate/migrate-history.ts";
import { migrateRedo } from "../../src/migrate/redo.ts";
import { planRepair, repairMigration } from "../../src/migrate/repair.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import type { Project } from "../../src/project/find-project.ts";
import { userItem } from "./photos.ts";
import { backfillFile, projectWith, resultsOf, spelled, statesOf, testBed } from "./support.ts";

const pathOf = (project: Project, id: string) => join(project.root, "migrations", "quick-photos", `${id}.ts`);

const FAILS = '{ from: ["SK"], attributes: ["level"], values: () => ({ level: "x".repeat(410 * 1024) }) }';

test("an edit of an applied migration is accepted by name, with a reason, and noted in the history", async () => {
  const project = await projectWith({ "0001-a.ts": backfillFile("0001-a") });
  const bed = await testBed({ project, items: [userItem("a")] });
  await migrateUp(bed.environment);
  writeFileSync(pathOf(project, "0001-a"), backfillFile("0001-a", "{ level: 2 }"));
  await writeSum(migrationsOf(project, "quick-photos"));
  expect(statesOf(await migrateStatus(bed.environment))).toEqual({ "0001-a": "changed" });

  const request = { id: "0001-a", repair: "accept-edit", reason: "a typo" } as const;
  const before = await bed.history();
  const plan = await planRepair(bed.environment, request);
  expect(plan).toMatchObject({ from: "changed", changes: [expect.stringMatching(/1:\w+ becomes 1:\w+/)] });
  expect(await bed.history()).toEqual(before);
  expect(await repairMigration(bed.environment, request)).toEqual(plan);

  expect(statesOf(await migrateStatus(bed.environment))).toEqual({ "0001-a": "applied" });
  const { events } = await migrateHistory(bed.environment);
  expect(events.at(-1)).toMatchObject({ action: "accept-edit", subject: "0001-a", reason: "a typo" });
  await expect(repairMigration(bed.environment, request)).rejects.toThrow(RepairRefusedError);
  await expect(repairMigration(bed.environment, { ...request, id: "0009-x" })).rejects.toThrow(
    UnknownMigrationError,
  );
});

test("a failed migration that was finished by hand is marked applied, and is not undone by down", async () => {
  const project = await projectWith({
    "0001-a.ts": backfillFile("0001-a", FAILS),
    "0002-b.ts": backfillFile("0002-b", "{ rank: 1 }"),
  });
  const bed = await testBed({ project, items: [userItem("a")] });
  expect(resultsOf(await migrateUp(bed.environment))).toEqual({ "0001-a": "failed", "0002-b": "notRun" });
  await repairMigration(bed.environment, { id: "0001-a", repair: "mark-applied", reason: "set by hand" });
  expect(appliedWrites(await bed.history()).flatMap(({ attributes }) => attributes)).toEqual(["level"]);
  expect(resultsOf(await migrateUp(bed.environment))).toEqual({ "0002-b": "applied" });
  await expect(migrateDown(bed.environment, { steps: 2 })).rejects.toThrow(IrreversibleMigrationError);
});

test("what is gone for good is forgotten, and what is forgotten may run again", async () => {
  const project = await projectWith({
    "0001-a.ts": backfillFile("0001-a"),
    "0002-b.ts": backfillFile("0002-b", "{ rank: 1 }"),
  });
  const bed = await testBed({ project, items: [userItem("a")] });
  await migrateUp(bed.environment);
  const forget = (id: string) =>
    repairMigration(bed.environment, { id, repair: "mark-pending", reason: "gone" });
  await forget("0001-a");
  expect(statesOf(await migrateStatus(bed.environment))).toEqual({
    "0001-a": "pending",
    "0002-b": "applied",
  });
  expect(resultsOf(await migrateUp(bed.environment))).toEqual({ "0001-a": "applied" });

  rmSync(pathOf(project, "0002-b"));
  await writeSum(migrationsOf(project, "quick-photos"));
  expect(statesOf(await migrateStatus(bed.environment))).toMatchObject({ "0002-b": "missing" });
  await forget("0002-b");
  expect(await migrateStatus(bed.environment)).toMatchObject({ problems: [], pending: 0 });
});

test("redo reverts the last applied and applies it again; every attempt is an event", async () => {
  const project = await projectWith({
    "0001-a.ts": backfillFile("0001-a"),
    "0002-b.ts": backfillFile("0002-b", "{ rank: 1 }"),
  });
  const bed = await testBed({ project, items: [userItem("a")] });
  await migrateUp(bed.environment);
  const items = spelled(await bed.items());
  const { down, up } = await migrateRedo(bed.environment);
  expect([resultsOf(down), up && resultsOf(up)]).toEqual([{ "0002-b": "reverted" }, { "0002-b": "applied" }]);
  expect(spelled(await bed.items())).toEqual(items);
  const { events } = await migrateHistory(bed.environment);
  expect(events.map(({ subject, action, outcome }) => `${subject} ${action} ${outcome}`)).toEqual([
    "0001-a up started",
    "0001-a up applied",
    "0002-b up started",
    "0002-b up applied",
    "0002-b down started",
    "0002-b down reverted",
    "0002-b up started",
    "0002-b up applied",
  ]);
  const facts = { version: expect.stringMatching(/^\d+\./), commit: expect.stringMatching(/^[0-9a-f]{40}/) };
  for (const event of events) expect(event).toMatchObject(facts);
});
