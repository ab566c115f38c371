import { expect } from "vitest";
import { migrateStatus } from "../../src/migrate/status.ts";
import { countersOf, recount, unmarked } from "./photos.ts";
import { spelled, statesOf, type TestBed } from "./support.ts";

/** What runs leave in table and history, but for who did what when. */
async function outcomeOf(bed: TestBed) {
  const { migrations, steps, scans, segments, deadLetters } = await bed.history();
  return {
    items: spelled(await bed.items()),
    states: statesOf(await migrateStatus(bed.environment)),
    migrations: migrations.map(({ id }) => id),
    steps: steps.map(({ migration, step, outcome }) => [migration, step, outcome]),
    underway: [...scans, ...segments, ...deadLetters],
  };
}

/** Expects all that an undisturbed run leaves, and each counter to be what its items come to. */
export async function expectSameOutcome(bed: TestBed, undisturbed: TestBed): Promise<void> {
  const outcome = await outcomeOf(bed);
  expect(outcome).toEqual(await outcomeOf(undisturbed));
  expect(new Set(Object.values(outcome.states))).toEqual(new Set(["applied"]));
  expect(outcome.underway).toEqual([]);
  const items = await bed.items();
  expect(countersOf(items)).toEqual(recount(items));
  expect(unmarked(items)).toEqual([]);
}
