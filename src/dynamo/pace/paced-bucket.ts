import { AdaptiveRate } from "./adaptive-rate.ts";
import { RateMeter } from "./rate-meter.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A token bucket whose rate gives way to throttles, and what has gone through it lately. */
export class PacedBucket {
  readonly #rate: AdaptiveRate;
  readonly #bucket: TokenBucket;
  readonly #meter: RateMeter;
  /** When a throttle last slowed it, in milliseconds. */
  throttledAt = Number.NEGATIVE_INFINITY;
  /** When somebody last waited for it, in milliseconds. */
  shortAt = Number.NEGATIVE_INFINITY;

  /**
   * @param ceiling units a second; Infinity where there is no limit
   * @param leastIncrease how quickly it recovers from a throttle at least, where there is no limit
   */
  constructor(ceiling: number, now: number, leastIncrease?: number) {
    this.#rate = new AdaptiveRate(ceiling, leastIncrease);
    this.#bucket = new TokenBucket(ceiling, now);
    this.#meter = new RateMeter(now);
  }

  /** The limit it was given, in units a second. */
  get ceiling(): number {
    return this.#rate.ceiling;
  }

  setCeiling(ceiling: number, now: number): void {
    this.#rate.ceiling = ceiling;
    this.#adapt(now);
  }

  /** What it allows now, in units a second: less than the ceiling after a throttle. */
  allowed(now: number): number {
    return this.#rate.at(now);
  }

  /** What has been consumed lately, in units a second. */
  recent(now: number): number {
    return this.#meter.rate(now);
  }

  waitFor(units: number, now: number): number {
    this.#adapt(now);
    return this.#bucket.waitFor(units, now);
  }

  take(units: number, now: number): void {
    this.#bucket.take(units, now);
    this.#meter.add(units, now);
  }

  /** Corrects what was taken before: `units` more, or fewer where it is negative. */
  settle(units: number, now: number): void {
    this.#adapt(now);
    this.#bucket.settle(units, now);
    this.#meter.add(units, now);
  }

  /** @param recent what was consumed lately, where this bucket does not know it yet */
  throttled(now: number, recent = this.recent(now)): void {
    this.#rate.throttled(recent, now);
    this.throttledAt = now;
    this.#adapt(now);
    this.#bucket.drain(now);
  }

  #adapt(now: number): void {
    const rate = this.#rate.at(now);
    if (rate !== this.#bucket.rate) this.#bucket.setRate(rate, now);
  }
}
