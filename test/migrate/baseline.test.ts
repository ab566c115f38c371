import { expect, test } from "vitest";
import { createClient } from "../../src/dynamo/client.ts";
import { migrateBaseline, planBaseline } from "../../src/migrate/baseline.ts";
import { migrateDown } from "../../src/migrate/down.ts";
import { BaselineRefusedError } from "../../src/migrate/index.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { sharedTarget, uniqueName } from "../support/tables.ts";
import { smallTable } from "./photos.ts";
import { spelled, statesOf, testBed } from "./support.ts";

const IDS = ["0001-add-inverted-index", "0002-backfill-reaction-counts", "0003-backfill-follow-counts"];

test("a table that is as the migrations leave it is adopted, and none is run", async () => {
  const bed = await testBed({ items: smallTable(4) });
  await migrateUp(bed.environment);
  const items = spelled(await bed.items());
  // Another ledger: the same table, as if somebody else had brought it here.
  const environment = { ...bed.environment, ledgerTable: uniqueName("ledger") };
  const { client } = createClient(sharedTarget(), { readOnly: true });
  const reading = { ...environment, client };
  expect(await planBaseline(reading)).toMatchObject({ ids: IDS });
  expect((await migrateStatus(environment)).pending).toBe(3);

  expect(await migrateBaseline(environment, { to: IDS[1], reason: "moved here" })).toMatchObject({
    ids: IDS.slice(0, 2),
  });
  expect(await migrateBaseline(environment)).toMatchObject({ ids: [IDS[2]] });
  expect(await migrateBaseline(environment)).toMatchObject({ ids: [] });
  const status = await migrateStatus(environment);
  expect(new Set(Object.values(statesOf(status)))).toEqual(new Set(["applied"]));
  expect(status.migrations.flatMap(({ steps }) => steps.map(({ outcome }) => outcome))).toEqual(
    Array(5).fill("baselined"),
  );
  expect(spelled(await bed.items())).toEqual(items);
  await expect(migrateDown(environment)).rejects.toThrow(/baselined/);
});

test("a table that is not is refused, with what each step would still do, and nothing is written", async () => {
  const bed = await testBed({ items: smallTable(4), indexes: true });
  const error = await migrateBaseline(bed.environment).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BaselineRefusedError);
  expect(error).toMatchObject({ exitCode: 1, facts: { undone: { length: 4 } } });
  expect((error as Error).message).toMatch(/0002\S+: start-at-zero would still set reactions on \d+ items/);
  expect((await bed.history()).migrations).toEqual([]);
});
