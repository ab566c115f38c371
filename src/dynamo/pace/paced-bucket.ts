import { AdaptiveRate } from "./adaptive-rate.ts";
import type { Answered } from "./answer-window.ts";
import { RateMeter } from "./rate-meter.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What became of a request, as far as a bucket is concerned. */
export type Outcome = Omit<Answered, "open">;

/** A token bucket whose rate gives way to throttles, and what has gone through it lately. */
export class PacedBucket {
  readonly #rate: AdaptiveRate;
  readonly #bucket: TokenBucket;
  readonly #meter: RateMeter;
  /** What was taken and is not settled yet. */
  #open = 0;
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

  /** What can be taken now, in units; below 0: the debt. */
  level(now: number): number {
    this.#adapt(now);
    return this.#bucket.level(now);
  }

  waitFor(units: number, now: number): number {
    this.#adapt(now);
    return this.#bucket.waitFor(units, now);
  }

  take(units: number, now: number): void {
    this.#bucket.take(units, now);
    this.#meter.add(units, now);
    this.#open += units;
  }

  /** Takes what a request has cost that was not thought to cost anything here. */
  charge(units: number, now: number): void {
    this.#adapt(now);
    this.#bucket.settle(units, now);
    this.#meter.add(units, now);
  }

  /**
   * Settles what was taken before, and learns from it how much there is.
   * @param taken what the request was thought to cost
   * @param outcome what of it was written, and what was refused
   */
  settle(taken: number, outcome: Outcome, now: number): void {
    const { accepted, refused } = outcome;
    this.#open = Math.max(0, this.#open - taken);
    this.#meter.add(accepted - taken, now);
    this.#adapt(now);
    // The ceiling holds for what is consumed, a rate that gave way to throttles for what is asked for.
    const isSlowed = this.allowed(now) < this.ceiling;
    this.#bucket.settle(accepted + (isSlowed ? refused : 0) - taken, now);
    if (accepted + refused === 0) return;
    const answer = { ...outcome, open: this.#open };
    if (this.#rate.answered(answer, this.recent(now), now)) this.#gaveWay(now);
  }

  /** Gives way to a throttle at once. @param recent what was consumed lately, where this bucket does not know it yet */
  throttled(now: number, recent = this.recent(now)): void {
    this.#rate.throttled(recent, now);
    this.#gaveWay(now);
  }

  #gaveWay(now: number): void {
    this.throttledAt = now;
    this.#adapt(now);
    this.#bucket.drain(now);
  }

  #adapt(now: number): void {
    const rate = this.#rate.at(now);
    if (rate !== this.#bucket.rate) this.#bucket.setRate(rate, now);
  }
}
