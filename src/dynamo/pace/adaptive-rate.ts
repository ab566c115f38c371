/** A throttle halves the rate (AIMD, as TCP does). */
const DECREASE = 0.5;
/** Each second without one gives back a twentieth of the rate at which it came. */
const INCREASE_SHARE = 0.05;
/** Below this no rate falls, so that it can find out that there is capacity again. */
const MIN_RATE = 1;
/** Where there is no ceiling, a throttle is forgotten once so many times its rate did not bring another. */
const FORGOTTEN_AT = 4;
/** Requests that were under way together are throttled together: that is one throttle. */
const SAME_THROTTLE_MS = 500;

/**
 * A rate that finds out by itself how much there is: each throttle halves it, and it grows again slowly,
 * up to its ceiling.
 */
export class AdaptiveRate {
  #ceiling: number;
  readonly #leastIncrease: number;
  #throttledAt = Number.NEGATIVE_INFINITY;
  #slowed: { at: number; rate: number; growth: number; forgottenAt: number } | undefined;

  /**
   * @param ceiling units a second that it never exceeds; Infinity where there is no limit
   * @param leastIncrease what it grows by each second at least, where there is no limit
   */
  constructor(ceiling: number, leastIncrease = MIN_RATE) {
    this.#ceiling = ceiling;
    this.#leastIncrease = leastIncrease;
  }

  get ceiling(): number {
    return this.#ceiling;
  }

  set ceiling(rate: number) {
    this.#ceiling = rate;
  }

  /** The rate at a time in milliseconds, in units a second. */
  at(now: number): number {
    if (!this.#slowed) return this.#ceiling;
    const { at, rate, growth, forgottenAt } = this.#slowed;
    const grown = rate + (growth * (now - at)) / 1000;
    if (grown < Math.min(this.#ceiling, forgottenAt)) return grown;
    this.#slowed = undefined;
    return this.#ceiling;
  }

  /** Slows down; @param recent what was consumed lately, in units a second, where no limit says how much it was. */
  throttled(recent: number, now: number): void {
    if (now - this.#throttledAt < SAME_THROTTLE_MS) return;
    this.#throttledAt = now;
    const before = Math.max(MIN_RATE, Math.min(this.at(now), Math.max(recent, MIN_RATE)));
    const rate = Math.max(MIN_RATE, before * DECREASE);
    const isUnlimited = this.#ceiling === Number.POSITIVE_INFINITY;
    const growth = Math.max(isUnlimited ? this.#leastIncrease : MIN_RATE, before * INCREASE_SHARE);
    const forgottenAt = isUnlimited ? before * FORGOTTEN_AT : this.#ceiling;
    this.#slowed = { at: now, rate, growth, forgottenAt };
  }
}
