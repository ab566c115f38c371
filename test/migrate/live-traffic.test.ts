import { expect, test } from "vitest";
import { migrateDown } from "../../src/migrate/down.ts";
import type { MigrateResult } from "../../src/migrate/index.ts";
import { migrateReconcile } from "../../src/migrate/reconcile/reconcile.ts";
import { migrateUp } from "../../src/migrate/up.ts";
import { openDatabase } from "../../src/query/database.ts";
import { startFaultProxy } from "../faults/proxy.ts";
import { seededRandom } from "../faults/rules.ts";
import { sharedTarget } from "../support/tables.ts";
import { castOf, goOn, liveFaults } from "./live-traffic.ts";
import { countersOf, recount, smallTable, unmarked } from "./photos.ts";
import { forgetfulClientOf, type TestBed, testBed } from "./support.ts";

const SEED = Number(process.env.LIVE_SEED ?? Date.now() % 1_000_000);
const SIZE = 5;
/** A client through the proxy whose process is as good as dead after so many answers. */
function mortalClient(endpoint: string, calls: number) {
  const client = forgetfulClientOf(endpoint);
  let left = calls;
  client.middlewareStack.add(
    (next) => async (args) => {
      if (left <= 0) throw new Error("killed");
      const answer = await next(args);
      left -= 1;
      if (left <= 0) throw new Error("killed");
      return answer;
    },
    { step: "finalizeRequest", name: "mortal" },
  );
  return client;
}

async function expectExact(bed: TestBed, what: string) {
  const items = await bed.items();
  expect(countersOf(items), what).toEqual(recount(items));
  expect(unmarked(items), what).toEqual([]);
}

test(`0002 and 0003, killed and resumed, down and up, beside our own queries: every counter is exact (seed ${SEED})`, async () => {
  const bed = await testBed({ items: smallTable(SIZE), indexes: true });
  const endpoint = sharedTarget().endpoint ?? "";
  const random = seededRandom(SEED);
  const proxy = await startFaultProxy(endpoint, { seed: SEED, rules: liveFaults(bed.environment.table, 60) });
  const stop = new AbortController();
  // Each attempt has a token of its own: exactness comes from the conditions.
  const lanes = [1, 2].map((lane) =>
    goOn(
      { ...openDatabase(forgetfulClientOf(proxy.endpoint), bed.environment.table), signal: stop.signal },
      castOf(SIZE),
      seededRandom(SEED + lane),
      stop.signal,
    ),
  );
  // Real time, so that whatever a killed run still had under way cannot hold the next one up for good.
  const lease = { leaseMs: 1_500, heartbeatMs: 300 };
  const environment = { ...bed.through(forgetfulClientOf(proxy.endpoint)), lease };
  const killed = async (run: typeof migrateUp | typeof migrateDown) => {
    const client = mortalClient(proxy.endpoint, 5 + Math.floor(random() * 60));
    await run({ ...environment, client }).catch(() => {});
  };
  const finished = async (run: Promise<unknown>) => {
    expect(((await run) as MigrateResult).error).toBeUndefined();
  };
  await killed(migrateUp);
  await killed(migrateUp);
  await finished(migrateUp(environment));
  await killed(migrateDown);
  await finished(migrateUp(environment));
  stop.abort();
  const done = await Promise.all(lanes);
  await proxy.settled();

  const total = (name: keyof (typeof done)[number]) => done.reduce((sum, each) => sum + each[name], 0);
  for (const name of ["follow", "unfollow", "react", "unreact"] as const) {
    expect(total(name), name).toBeGreaterThan(0);
  }
  const faults = proxy.requests.flatMap(({ fault }) => fault ?? []);
  expect(faults).toContain("conflict");
  expect(faults.some((fault) => ["loseAnswer", "failAfter", "applyLate"].includes(fault))).toBe(true);
  await expectExact(bed, `seed ${SEED}`);

  // At rest nothing is left to repair, and down takes all of it away.
  expect((await migrateReconcile(bed.environment)).found).toEqual([]);
  await finished(migrateDown(bed.environment, { steps: 2 }));
  const bare = await bed.items();
  expect(countersOf(bare)).toEqual({});
  expect(bare.filter((item) => item.counted)).toEqual([]);
});
