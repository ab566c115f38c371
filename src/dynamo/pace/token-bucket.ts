/** How much may be saved up, in seconds of the rate. */
const BURST_SECONDS = 1;

/**
 * A store of capacity units that fills at a rate. What is taken may turn out dearer than thought: then the
 * bucket is in debt, and nothing is due before the rate has paid it off. So over any span of time no more is
 * let through than rate × time + burst, beside what is still unknown of requests under way.
 */
export class TokenBucket {
  #rate: number;
  #level: number;
  #filledAt: number;

  /**
   * @param rate units a second; Infinity where there is no limit
   * @param now the time in milliseconds, as in every call
   */
  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#level = rate * BURST_SECONDS;
    this.#filledAt = now;
  }

  get rate(): number {
    return this.#rate;
  }

  /** The most that can be taken at once after a rest, in units. */
  get burst(): number {
    return this.#rate * BURST_SECONDS;
  }

  /** What can be taken now, in units; below 0: the debt. */
  level(now: number): number {
    this.#fill(now);
    return this.#level;
  }

  /** Changes the rate from now on. What was unlimited before starts empty: it has had its burst. */
  setRate(rate: number, now: number): void {
    this.#fill(now);
    const wasUnlimited = this.#rate === Number.POSITIVE_INFINITY;
    this.#rate = rate;
    if (rate === Number.POSITIVE_INFINITY) this.#level = rate;
    else this.#level = wasUnlimited ? 0 : Math.min(this.#level, this.burst);
  }

  /**
   * How long until so much can be taken, in milliseconds; 0: now. What is more than the bucket holds can be
   * taken when it is full: it leaves a debt.
   */
  waitFor(units: number, now: number): number {
    const missing = Math.min(units, this.burst) - this.level(now);
    return missing > 0 ? (missing / this.#rate) * 1000 : 0;
  }

  /** Gives up what was saved: whoever refuses has nothing to give at once. */
  drain(now: number): void {
    this.#level = Math.min(this.level(now), 0);
  }

  take(units: number, now: number): void {
    this.#fill(now);
    this.#level -= units;
  }

  /** Corrects what was taken before: `units` more, or fewer where it is negative. */
  settle(units: number, now: number): void {
    this.take(units, now);
    this.#level = Math.min(this.#level, this.burst);
  }

  #fill(now: number): void {
    const seconds = Math.max(0, now - this.#filledAt) / 1000;
    this.#filledAt = Math.max(this.#filledAt, now);
    if (this.#rate === Number.POSITIVE_INFINITY) return;
    this.#level = Math.min(this.burst, this.#level + seconds * this.#rate);
  }
}
