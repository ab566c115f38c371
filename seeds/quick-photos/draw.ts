import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

const TWO_TO_32 = 2 ** 32;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * Draws by chance from a seed. Only what IEEE 754 rounds exactly is computed (+ - * / and square roots, no
 * powers or logarithms), so that another machine or version of Node draws the same.
 */
export class Draw {
  readonly #generator: ReturnType<typeof xoroshiro128plusFromState>;

  /** @param seed a whole number, not negative; all of its 53 bits count */
  constructor(seed: number) {
    this.#generator = xoroshiro128plusFromState([-1, ~seed, seed | 0, Math.floor(seed / TWO_TO_32)]);
    // The first numbers of two neighbouring seeds resemble each other.
    for (let drawn = 0; drawn < 32; drawn += 1) this.#generator.next();
  }

  /** From 0, included, to 1, not included. */
  fraction(): number {
    return (this.#generator.next() >>> 0) / TWO_TO_32;
  }

  /** A whole number from 0 to `end`, not included; `end` is at most 2^32. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  oneOf<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value;
  }

  /** A whole number with a long tail, as popularity has it: half are below 1.7 scales, one in 1000 is over 178. */
  tail(scale: number, most: number): number {
    const root = Math.sqrt(1 - this.fraction());
    return Math.min(most, Math.floor(scale / (root * Math.sqrt(root))) - 1);
  }

  /** How far apart the numbers of a walk through all numbers below `end` (2 or more) may be: none is met twice. */
  stride(end: number): number {
    for (;;) {
      const stride = 1 + this.below(end - 1);
      if (greatestCommonDivisor(end, stride) === 1) return stride;
    }
  }

  /** Different whole numbers below `end` (2 or more), at most `end` of them; holds none of them. */
  *different(count: number, end: number): Generator<number> {
    let number = this.below(end);
    const stride = this.stride(end);
    for (let drawn = 0; drawn < Math.min(count, end); drawn += 1) {
      yield number;
      number += stride;
      if (number >= end) number -= end;
    }
  }
}
