import { expect, test } from "vitest";
import { quickPhotosSeed } from "./photos.ts";
import { KINDS, proveFaultyUp } from "./wire-faults.ts";

const SEED = Number(process.env.WIRE_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.WIRE_ROUNDS ?? 4);

test(`the seed file's items, migrated through faults of every kind, ${ROUNDS} times (seed ${SEED})`, async () => {
  const items = quickPhotosSeed();
  expect(items.length).toBeGreaterThan(900);
  const dealt = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const kinds = await proveFaultyUp({ items, seed: SEED + round, probability: 0.01 + 0.005 * round });
    for (const kind of kinds) dealt.add(kind);
  }
  expect(dealt).toEqual(KINDS);
});
