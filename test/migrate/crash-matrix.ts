import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type MigrationEnvironment, migrateDown, migrateStatus, migrateUp } from "../../src/migrate/index.ts";
import type { Project } from "../../src/project/find-project.ts";
import { FakeClock, tappedClient } from "../ledger/support.ts";
import { uniqueName } from "../support/tables.ts";
import { smallTable } from "./photos.ts";
import { projectWith, REPOSITORY, spelled, statesOf, type TestBed, testBed } from "./support.ts";

const SEED = smallTable(3);
const PARALLEL = 4;
const LEASE_MS = 10_000;

type Verb = (environment: MigrationEnvironment) => Promise<unknown>;
/** What stops a run after one of its calls. */
type Stop = "killed" | "asked to stop";

/** The calls to stop a run after, counted from 1, out of the commands of an undisturbed run. */
export type ChooseCalls = (commands: readonly string[]) => number[];

/** A lease whose time passes at once where a run waits for a dead one, and else not at all. */
function takingOver(): MigrationEnvironment["lease"] {
  const clock = new FakeClock();
  void clock.slept(1).then(() => clock.advance(LEASE_MS));
  return { leaseMs: LEASE_MS, clock };
}

export const up: Verb = (environment) => migrateUp({ ...environment, lease: takingOver() });
export const down: Verb = (environment) => migrateDown({ ...environment, lease: takingOver() });

/** A project that has only this migration: the matrix is long enough. */
function projectOf(id: string): Promise<Project> {
  const file = `${id}.ts`;
  const path = join(REPOSITORY.root, "migrations", "quick-photos", file);
  return projectWith({ [file]: readFileSync(path, "utf8") });
}

/**
 * Runs a verb that is stopped after a call; gives back the commands it had sent when it ended. Its time
 * stands still: it sends no sign of life, so that the calls of two runs are the same.
 */
export async function runStopped(
  bed: TestBed,
  verb: typeof migrateUp | typeof migrateDown,
  stop?: Stop,
  after?: number,
): Promise<string[]> {
  const { client, tap } = tappedClient();
  const controller = new AbortController();
  tap.afterCall = (call) => {
    if (call !== after) return;
    if (stop === "killed") tap.dead = true;
    else controller.abort();
  };
  const lease = { leaseMs: LEASE_MS, clock: new FakeClock() };
  // However it ends: what it leaves behind is judged.
  await verb({ ...bed.through(client), signal: controller.signal, lease }).catch(() => {});
  return tap.commands;
}

/** Beds for a matrix: they share a ledger, as making one for each takes most of the time. */
export function bedsOf(id: string): () => Promise<TestBed> {
  const project = projectOf(id);
  const ledgerTable = uniqueName("ledger");
  return async () => testBed({ items: SEED, project: await project, ledgerTable });
}

async function uninterrupted(makeBed: () => Promise<TestBed>) {
  await up((await makeBed()).environment);
  const bed = await makeBed();
  const upCommands = await runStopped(bed, migrateUp);
  const items = spelled(await bed.items());
  expect(items).not.toEqual(spelled(SEED));
  const downCommands = await runStopped(bed, migrateDown);
  expect(spelled(await bed.items())).toEqual(spelled(SEED));
  return { items, upCommands, downCommands };
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
  const left = (["killed", "asked to stop"] as const).flatMap((stop) =>
    choose[stop](commands).map((call) => ({ stop, call })),
  );
  const lane = async () => {
    for (let next = left.shift(); next; next = left.shift()) await check(next.stop, next.call);
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}

/** Tests that a migration which is stopped after any of the chosen calls can be finished. */
export function testCrashes(choose: Readonly<Record<Stop, ChooseCalls>>): void {
  test("up, killed or asked to stop after any call, is finished by the next up", async () => {
    const makeBed = bedsOf("0003-backfill-follow-counts");
    const { items, upCommands } = await uninterrupted(makeBed);
    expect(upCommands.length).toBeGreaterThan(30);
    await forEachStop(choose, upCommands, async (stop, call) => {
      const bed = await makeBed();
      await runStopped(bed, migrateUp, stop, call);
      expectHonest(await migrateStatus(bed.environment));
      await up(bed.environment);
      expect(spelled(await bed.items()), `${stop} after call ${call}`).toEqual(items);
      const states = Object.values(statesOf(await migrateStatus(bed.environment)));
      expect(states, `${stop} after call ${call}`).toEqual(["applied"]);
    });
  });

  test("down, killed or asked to stop after any call, is finished by down or undone by up", async () => {
    const makeBed = bedsOf("0003-backfill-follow-counts");
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
      expect(spelled(await bed.items()), `${stop} after call ${call}`).toEqual(expected);
    });
  });
}
