import { randomInt } from "node:crypto";
import { hash128 } from "../dynamo/hash128.ts";
import type { Random } from "../query/oracle.ts";

/** One more than the largest seed. */
export const SEED_LIMIT = 2 ** 32;

/** A seed that nobody chose, for runs without `--seed`; the report prints it. */
export function drawSeed(): number {
  return randomInt(SEED_LIMIT);
}

/**
 * Makes a source of randomness (the mulberry32 generator).
 * @param seed an integer from 0 up to, not including, {@link SEED_LIMIT}
 * @param purpose gives each user of one seed its own sequence, so that leaving a pattern out changes no other
 */
export function createRandom(seed: number, purpose = ""): Random {
  let state = hash128(`${seed}:${purpose}`).readUInt32BE(0);
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / SEED_LIMIT;
  };
  const sample = <T>(list: readonly T[], count: number): T[] => {
    const rest = [...list];
    const drawn: T[] = [];
    while (drawn.length < count && rest.length > 0) {
      drawn.push(...rest.splice(Math.floor(next() * rest.length), 1));
    }
    return drawn;
  };
  return { next, sample };
}
