import { expect, test } from "vitest";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { countersOf, recount, smallTable } from "./photos.ts";
import { resultsOf, spelled, testBed } from "./support.ts";

// docs/restore.md: a restore makes a new table, with the items as they were and another identity.

test("a table restored with its indexes has no history, and gets it without a change to an item", async () => {
  const lost = await testBed({ items: smallTable(10) });
  await migrateUp(lost.environment);
  const backup = await lost.items();

  const { ledgerTable } = lost.environment;
  const restored = await testBed({ items: backup, indexes: true, ledgerTable, indexOwner: "pulumi" });
  expect(await migrateStatus(restored.environment)).toMatchObject({ pending: 3, hasHistory: false });
  const result = await migrateUp(restored.environment);
  expect(result).toMatchObject({ pending: 0 });
  expect(Object.values(resultsOf(result))).toEqual(["applied", "applied", "applied"]);
  expect(spelled(await restored.items())).toEqual(spelled(backup));
});

test("a table restored to a moment between two migrations, without its index, is brought to the end", async () => {
  const lost = await testBed({ items: smallTable(10) });
  await migrateUp(lost.environment, { to: "0002-backfill-reaction-counts" });

  const restored = await testBed({ items: await lost.items() });
  expect(await migrateUp(restored.environment)).toMatchObject({ pending: 0 });
  const items = await restored.items();
  expect(countersOf(items)).toEqual(recount(items));
  await migrateUp(lost.environment);
  expect(spelled(items)).toEqual(spelled(await lost.items()));
});
