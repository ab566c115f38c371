import { expect, it } from "vitest";
import { killAndResume } from "./killed-loads.ts";
import { sharedProject } from "./stacks.ts";

const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
const project = sharedProject();

it(`a load killed by SIGKILL at random moments is resumed to its end: the table, the sum and the rejects are as if it had not been (seed ${SEED})`, async () => {
  const { killed } = await killAndResume(project, { kills: 2, seed: SEED });
  expect(killed).toBeGreaterThan(0);
});
