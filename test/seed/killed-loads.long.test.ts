import { expect, test } from "vitest";
import { killAndResume } from "./killed-loads.ts";
import { sharedProject } from "./stacks.ts";

const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const KILLS = Number(process.env.KILLS ?? 40);
const project = sharedProject();

test(`loads killed by SIGKILL ${KILLS} times at random moments are resumed to their end (seed ${SEED})`, async () => {
  let killed = 0;
  let resumed = 0;
  for (let life = 0; killed < KILLS; life += 1) {
    const came = await killAndResume(project, { kills: KILLS - killed, seed: SEED + life });
    killed += came.killed;
    resumed += came.resumed;
  }
  expect(killed).toBe(KILLS);
  expect(resumed).toBeGreaterThan(KILLS / 8);
});
