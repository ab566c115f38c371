import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { migrateDown } from "../../src/migrate/down.ts";
import type { MigrationEnvironment } from "../../src/migrate/environment.ts";
import type { ScanSettings } from "../../src/migrate/index.ts";
import { migrateStatus } from "../../src/migrate/status.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import type { Project } from "../../src/project/find-project.ts";
import { FakeClock, tappedClient } from "../ledger/support.ts";
import { uniqueName } from "../support/tables.ts";
import { smallTable } from "./photos.ts";
import { projectWith, REPOSITORY, spelled, statesOf, type TestBed, testBed } from "./support.ts";

const SEED = smallTable(3);
const PARALLEL = 4;
const LEASE_MS = 10_000;

type Verb = (environment: MigrationEnvironment) => Promise<unknown>;
/** What stops a run at one of its calls: before it is sent, or once it was answered. */
const STOPS = ["killed before", "killed after", "asked to stop after"] as const;
type Stop = (typeof STOPS)[number];

/** The calls to stop a run at, counted from 1, out of the commands of an undisturbed run. */
export type ChooseCalls = (commands: readonly string[]) => number[];

/** A lease whose time passes at once where a run waits for a dead one, and else not at all. */
function takingOver(): MigrationEnvironment["lease"] {
  const clock = new FakeClock();
  void clock.slept(1).then(() => clock.advance(LEASE_MS));
  return { leaseMs: LEASE_MS, clock };
}

export const up: Verb = (environment) => migrateUp({ ...environment, lease: takingOver() });
export const down: Verb = (environment) => migrateDown({ ...environment, lease: takingOver() });

/** Overwrites a user's name, and keeps what it was. */
const JOURNALLED = `import { backfill, defineMigration } from "tablewright/migrate";
export default defineMigration({
  id: "0004-shout",
  description: "overwrites",
  steps: [
    backfill({
      id: "shout",
      where: { SK: { beginsWith: "#METADATA#" } },
      set: {
        from: ["username"],
        attributes: ["name", "letters"],
        values: ({ username }) => ({ name: username.toUpperCase(), letters: username.length }),
      },
      overwrite: true,
      undo: "journal",
    }),
  ],
});
`;

/** A project that has only this migration: the matrix is long enough. */
function projectOf(id: string): Promise<Project> {
  const file = `${id}.ts`;
  const path = join(REPOSITORY.root, "migrations", "quick-photos", file);
  return projectWith({ [file]: id === "0004-shout" ? JOURNALLED : readFileSync(path, "utf8") });
}

/**
 * Runs a verb that is stopped at a call; gives back the commands it had sent when it ended. Its time
 * stands still: it sends no sign of life, so that the calls of two runs are the same.
 */
export async function runStopped(
  bed: TestBed,
  verb: typeof migrateUp | typeof migrateDown,
  stop?: Stop,
  at?: number,
): Promise<string[]> {
  const { client, tap } = tappedClient();
  const controller = new AbortController();
  tap.beforeCall = (call) => {
    if (call === at && stop === "killed before") tap.dead = true;
  };
  tap.afterCall = (call) => {
    if (call === at && stop === "killed after") tap.dead = true;
    if (call === at && stop === "asked to stop after") controller.abort();
  };
  const lease = { leaseMs: LEASE_MS, clock: new FakeClock() };
  // However it ends: what it leaves behind is judged.
  await verb({ ...bed.through(client), signal: controller.signal, lease }).catch(() => {});
  return tap.commands;
}

/** Beds for a matrix: they share a ledger, as making one for each takes most of the time. */
export function bedsOf(id: string, scan?: ScanSettings): () => Promise<TestBed> {
  const project = projectOf(id);
  const ledgerTable = uniqueName("ledger");
  return async () => testBed({ items: SEED, project: await project, ledgerTable, ...(scan && { scan }) });
}

async function uninterrupted(makeBed: () => Promise<TestBed>) {
  await up((await makeBed()).environment);
  const bed = await makeBed();
  const upCommands = await runStopped(bed, migrateUp);
  const items = spelled(await bed.items());
  const outcomes = (await bed.history()).steps.map(({ step, outcome }) => [step, outcome]);
  expect(items).not.toEqual(spelled(SEED));
  const downCommands = await runStopped(bed, migrateDown);
  expect(spelled(await bed.items())).toEqual(spelled(SEED));
  return { items, outcomes, upCommands, downCommands };
}

/** What was not finished never looked finished, nor failed. */
function expectHonest({ migrations }: Awaited<ReturnType<typeof migrateStatus>>): void {
  for (const { state, steps } of migrations) {
    expect(state).not.toBe("failed");
    if (state === "applied") expect(steps.every((step) => step.state === "applied")).toBe(true);
  }
}

async function forEachStop(
  choose: Readonly<Record<Stop, ChooseCalls>>,
  commands: readonly string[],
  check: (stop: Stop, call: number) => Promise<void>,
): Promise<void> {
  const left = STOPS.flatMap((stop) => choose[stop](commands).map((call) => ({ stop, call })));
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) await check(next.stop, next.call);
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}

/** What is stopped, and where. */
export interface CrashOptions {
  readonly id: string;
  readonly choose: Readonly<Record<Stop, ChooseCalls>>;
  /** How the steps go over the table: small pages and batches make more places to stop at. */
  readonly scan?: ScanSettings;
}

/** Tests that a migration which is stopped at any of the chosen calls can be finished. */
export function testCrashes({ id, choose, scan }: CrashOptions): void {
  test(`${id} up, killed or asked to stop at any call, is finished by the next up`, async () => {
    const makeBed = bedsOf(id, scan);
    const { items, upCommands, outcomes } = await uninterrupted(makeBed);
    expect(upCommands.length).toBeGreaterThan(20);
    await forEachStop(choose, upCommands, async (stop, call) => {
      const bed = await makeBed();
      await runStopped(bed, migrateUp, stop, call);
      expectHonest(await migrateStatus(bed.environment));
      await up(bed.environment);
      expect(spelled(await bed.items()), `${stop} call ${call}`).toEqual(items);
      const states = Object.values(statesOf(await migrateStatus(bed.environment)));
      expect(states, `${stop} call ${call}`).toEqual(["applied"]);
      const { scans, segments, steps } = await bed.history();
      expect([...scans, ...segments], `${stop} call ${call}`).toEqual([]);
      expect(steps.map(({ step, outcome }) => [step, outcome])).toEqual(outcomes);
    });
  });

  test(`${id} down, killed or asked to stop at any call, is finished by down or undone by up`, async () => {
    const makeBed = bedsOf(id, scan);
    const { items, downCommands } = await uninterrupted(makeBed);
    expect(downCommands.length).toBeGreaterThan(20);
    await forEachStop(choose, downCommands, async (stop, call) => {
      const bed = await makeBed();
      await up(bed.environment);
      await runStopped(bed, migrateDown, stop, call);
      expectHonest(await migrateStatus(bed.environment));
      const finishDown = call % 2 === 0;
      await (finishDown ? down : up)(bed.environment);
      const expected = finishDown ? spelled(SEED) : items;
      expect(spelled(await bed.items()), `${stop} call ${call}`).toEqual(expected);
    });
  });
}
