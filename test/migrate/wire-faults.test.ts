import { expect, test } from "vitest";
import { smallTable } from "./photos.ts";
import { proveFaultyUp } from "./wire-faults.ts";

const SEED = Number(process.env.WIRE_SEED ?? Date.now() % 1_000_000);

test(`every migration comes to its end through throttles, failures, conflicts and broken connections (seed ${SEED})`, async () => {
  const dealt = await proveFaultyUp({ items: smallTable(3), seed: SEED, probability: 0.015, throttles: 1 });
  expect(dealt.size).toBeGreaterThan(2);
});
