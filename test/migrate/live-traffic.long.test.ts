import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { startFaultProxy } from "../faults/proxy.ts";
import { seededRandom } from "../faults/rules.ts";
import { launch, ROOT } from "../support/processes.ts";
import { sharedTarget } from "../support/tables.ts";
import { type Done, liveFaults } from "./live-traffic.ts";
import { countersOf, recount, smallTable, unmarked } from "./photos.ts";
import { testBed } from "./support.ts";

const SEED = Number(process.env.LIVE_SEED ?? Date.now() % 1_000_000);
const SIZE = 12;
const KILLS = Number(process.env.LIVE_KILLS ?? 12);

test(`three processes write, migrate is killed by SIGKILL ${KILLS} times on its way up and down: exact (seed ${SEED})`, async () => {
  const bed = await testBed({ items: smallTable(SIZE), indexes: true });
  const { table, ledgerTable } = bed.environment;
  const random = seededRandom(SEED);
  const proxy = await startFaultProxy(sharedTarget().endpoint ?? "", {
    seed: SEED,
    rules: liveFaults(table, 800),
  });
  const start = (mode: string, seed = 0) => {
    const script = join(ROOT, "test", "migrate", "live-process.ts");
    const node = ["--conditions=tablewright-source", "--import", "tsx", script];
    return launch(process.execPath, [
      ...node,
      ...[mode, proxy.endpoint, table, ledgerTable, String(seed), String(SIZE)],
    ]);
  };
  const traffic = [10, 20, 30].map((seed) => start("traffic", SEED + seed));
  /** Through all those faults, on a busy machine, a run may lose its short lease: the next one goes on. */
  const finish = async (mode: "up" | "down") => {
    let ended = await start(mode).finished;
    for (let again = 0; again < 5 && ended.status === 3; again += 1) ended = await start(mode).finished;
    expect(ended.status, ended.stderr).toBe(0);
  };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const running = start(kill % 3 === 2 ? "down" : "up");
    await delay(700 + random() * 3_000);
    running.child.kill("SIGKILL");
    await running.finished;
  }
  await finish("up");
  // Writers that go on marking make work for `down` as fast as a busy machine takes it back: for its end they rest.
  for (const { child } of traffic) child.kill("SIGSTOP");
  await finish("down");
  for (const { child } of traffic) child.kill("SIGCONT");
  await finish("up");
  for (const { child } of traffic) child.kill("SIGTERM");
  const ended = await Promise.all(traffic.map(({ finished }) => finished));
  await proxy.settled();
  for (const { status, stdout, stderr } of ended) {
    expect(status, stderr).toBe(0);
    const lanes: Done[] = JSON.parse(stdout);
    for (const done of lanes) expect(Object.values(done).every((count) => count > 10)).toBe(true);
  }
  const items = await bed.items();
  expect(countersOf(items)).toEqual(recount(items));
  expect(unmarked(items)).toEqual([]);
});
