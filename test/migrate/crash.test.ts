import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeTable, indexDesignOf } from "../../src/dynamo/describe.ts";
import { type MigrationEnvironment, migrateDown, migrateStatus, migrateUp } from "../../src/migrate/index.ts";
import type { Project } from "../../src/project/find-project.ts";
import { tappedClient } from "../ledger/support.ts";
import { uniqueName } from "../support/tables.ts";
import { smallTable } from "./photos.ts";
import { projectWith, REPOSITORY, spelled, statesOf, type TestBed, testBed } from "./support.ts";

/** No sign of life is sent, so that the calls of two runs are the same; a dead run is taken over soon. */
const lease = { leaseMs: 40, heartbeatMs: 3_600_000 };
const SEED = smallTable(3);
const PARALLEL = 4;

type Verb = (environment: MigrationEnvironment) => Promise<unknown>;
/** What stops a run after one of its calls. */
type Stop = "killed" | "asked to stop";

const up: Verb = (environment) => migrateUp(environment);
const down: Verb = (environment) => migrateDown(environment);

/** A project that has only this migration: the matrix is long enough. */
function projectOf(id: string): Project {
  const file = `${id}.ts`;
  const path = join(REPOSITORY.root, "migrations", "quick-photos", file);
  return projectWith({ [file]: readFileSync(path, "utf8") });
}

/** Runs a verb that is stopped after a call; gives back the commands it had sent when it ended. */
async function runStopped(bed: TestBed, verb: Verb, stop?: Stop, after?: number): Promise<string[]> {
  const { client, tap } = tappedClient();
  const controller = new AbortController();
  tap.afterCall = (call) => {
    if (call !== after) return;
    if (stop === "killed") tap.dead = true;
    else controller.abort();
  };
  // However it ends: what it leaves behind is judged.
  await verb({ ...bed.through(client), signal: controller.signal }).catch(() => {});
  return tap.commands;
}

async function forEachCall(calls: number, step: number, check: (call: number) => Promise<void>) {
  const left = Array.from({ length: calls }, (_, index) => index + 1).filter((call) => call % step === 0);
  const lane = async () => {
    for (let call = left.shift(); call !== undefined; call = left.shift()) await check(call);
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}

/** Beds for a matrix: they share a ledger, as making one for each takes most of the time. */
function bedsOf(id: string): () => Promise<TestBed> {
  const project = projectOf(id);
  const ledgerTable = uniqueName("ledger");
  return () => testBed({ items: SEED, lease, project, ledgerTable });
}

async function uninterrupted(makeBed: () => Promise<TestBed>) {
  await migrateUp((await makeBed()).environment);
  const bed = await makeBed();
  const { length: upCalls } = await runStopped(bed, up);
  const items = spelled(await bed.items());
  expect(items).not.toEqual(spelled(SEED));
  const { length: downCalls } = await runStopped(bed, down);
  expect(spelled(await bed.items())).toEqual(spelled(SEED));
  return { items, upCalls, downCalls };
}

/** What was not finished never looked finished, nor failed. */
function expectHonest({ migrations }: Awaited<ReturnType<typeof migrateStatus>>): void {
  for (const { state, steps } of migrations) {
    expect(state).not.toBe("failed");
    if (state === "applied") expect(steps.every((step) => step.state === "applied")).toBe(true);
  }
}

test.each<[Stop, number]>([
  ["killed", 1],
  ["asked to stop", 3],
])("up, %s after any call, is finished by the next up", { timeout: 120_000 }, async (stop, step) => {
  const makeBed = bedsOf("0003-backfill-follow-counts");
  const expected = await uninterrupted(makeBed);
  expect(expected.upCalls).toBeGreaterThan(30);
  await forEachCall(expected.upCalls, step, async (call) => {
    const bed = await makeBed();
    await runStopped(bed, up, stop, call);
    expectHonest(await migrateStatus(bed.environment));
    await migrateUp(bed.environment);
    expect(spelled(await bed.items()), `call ${call}`).toEqual(expected.items);
    expect(Object.values(statesOf(await migrateStatus(bed.environment))), `call ${call}`).toEqual([
      "applied",
    ]);
  });
});

test.each<[Stop, number]>([
  ["killed", 1],
  ["asked to stop", 3],
])(
  "down, %s after any call, is finished by down or undone by up",
  { timeout: 120_000 },
  async (stop, step) => {
    const makeBed = bedsOf("0003-backfill-follow-counts");
    const expected = await uninterrupted(makeBed);
    expect(expected.downCalls).toBeGreaterThan(20);
    await forEachCall(expected.downCalls, step, async (call) => {
      const bed = await makeBed();
      await migrateUp(bed.environment);
      await runStopped(bed, down, stop, call);
      expectHonest(await migrateStatus(bed.environment));
      const finishDown = call % 2 === 0;
      await (finishDown ? down : up)(bed.environment);
      const items = spelled(await bed.items());
      expect(items, `call ${call}`).toEqual(finishDown ? spelled(SEED) : expected.items);
    });
  },
);

test("an index that a killed run had asked for is still the migration's own", {
  timeout: 120_000,
}, async () => {
  const makeBed = bedsOf("0001-add-inverted-index");
  await migrateUp((await makeBed()).environment);
  const asked = 1 + (await runStopped(await makeBed(), up)).indexOf("UpdateTableCommand");
  expect(asked).toBeGreaterThan(1);
  const killed = [asked - 1, asked, asked + 1].map(async (call) => {
    const stopped = await makeBed();
    await runStopped(stopped, up, "killed", call);
    await migrateUp(stopped.environment);
    const [step] = (await stopped.history()).steps;
    expect(step, `call ${call}`).toMatchObject({ outcome: "created", state: "applied" });
    await migrateDown(stopped.environment);
    const description = await describeTable(stopped.client, stopped.environment.table);
    expect(description && indexDesignOf(description, "InvertedIndex")).toBeUndefined();
  });
  await Promise.all(killed);
});
