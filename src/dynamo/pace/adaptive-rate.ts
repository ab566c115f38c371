import { type Answered, AnswerWindow } from "./answer-window.ts";

/** A throttle next to which nothing was written halves the rate (AIMD, as TCP does). */
const DECREASE = 0.5;
/** Where something was written, the rate goes a little below that: this leaves room to pay off what was too much. */
const BELOW_WRITTEN = 0.9;
/** After so long a rate is back where it was throttled (K of CUBIC, RFC 9438, section 4.2). */
const RETURN_MS = 3_000;
/** How far it is beyond that after the same time again, as a share. */
const PROBE_SHARE = 0.1;
/** Below this no rate falls, so that it can find out that there is capacity again. */
const MIN_RATE = 1;
/** Where there is no ceiling, a throttle is forgotten once so many times its rate did not bring another. */
const FORGOTTEN_AT = 4;
/** Requests that were under way together are throttled together: that is one throttle. */
const SAME_THROTTLE_MS = 500;
/** So much refused is always too fast: over twice what there is was asked for. */
const MOST_BACKGROUND = 0.65;
/** A slower rate of which at least so much of the same share comes back was not slowed for anything. */
const SAME_SHARE = 0.75;
/** So little that comes back says nothing. */
const NEGLIGIBLE_SHARE = 0.03;
/** After so long it is looked again whether what comes back has to do with the rate. */
const BACKGROUND_MS = 10_000;

/** A rate that was slowed, and how it grows since. */
interface Slowed {
  /** Since when, in milliseconds. */
  readonly at: number;
  /** What it began with, and what it had been, in units a second. */
  readonly rate: number;
  readonly peak: number;
  /** The last rate that held before it was slowed, in units a second; 0 where that is not known. */
  readonly held: number;
  /** What it grows by each second, where it had been less than that. */
  readonly leastIncrease: number;
}

/** A slower rate on trial: does less come back? */
interface Trial {
  readonly share: number;
  /** The rate before it, and when that ended. */
  readonly before: Slowed | undefined;
  readonly at: number;
}

/**
 * A rate that finds out by itself how much there is. Where more comes back than does at any rate, it goes to a
 * little less than what is written anyway, comes back to that quickly, and then looks further: up to the last
 * rate that held, beyond that by small steps that grow (CUBIC, RFC 9438). Where the slower rate does not make less come back, it was not the reason: the rate
 * is again what it was, and such a share is not minded for some time.
 */
export class AdaptiveRate {
  #ceiling: number;
  readonly #leastIncrease: number;
  #throttledAt = Number.NEGATIVE_INFINITY;
  #slowed: Slowed | undefined;
  #trial: Trial | undefined;
  /** What was written in the last time in which little came back, in units a second. */
  #held = 0;
  #background = { share: 0, until: 0 };
  #window = new AnswerWindow();

  /**
   * @param ceiling units a second that it never exceeds; Infinity where there is no limit
   * @param leastIncrease what it grows by each second after a throttle at less than that next to which nothing was
   * written, where there is no limit
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
    const isUnlimited = this.#ceiling === Number.POSITIVE_INFINITY;
    const grown = this.#grown(this.#slowed, now);
    if (grown < (isUnlimited ? this.#slowed.peak * FORGOTTEN_AT : this.#ceiling)) return grown;
    this.#slowed = undefined;
    return this.#ceiling;
  }

  #grown({ at, rate, peak, held, leastIncrease }: Slowed, now: number): number {
    if (peak < leastIncrease) return rate + (leastIncrease * (now - at)) / 1000;
    const turns = (now - at) / RETURN_MS - 1;
    const reach = turns < 0 ? peak - rate : Math.max(MIN_RATE, peak * PROBE_SHARE, held - peak);
    return peak + reach * turns ** 3;
  }

  /**
   * Learns what became of a request.
   * @param recent what was written lately, in units a second
   * @returns whether the rate is slower for it
   */
  answered(answer: Answered, recent: number, now: number): boolean {
    // What was sent at another rate says nothing of this one.
    if (answer.sentAt < this.#throttledAt) return false;
    this.#window.add(answer, now);
    if (!this.#window.isTelling(now)) return false;
    return this.#judge(recent, now);
  }

  /** Slows down at once; @param recent what was consumed lately, in units a second, where no limit says how much it was. */
  throttled(recent: number, now: number): void {
    if (now - this.#throttledAt < SAME_THROTTLE_MS) return;
    const peak = Math.max(MIN_RATE, Math.min(this.at(now), Math.max(recent, MIN_RATE)));
    const isUnlimited = this.#ceiling === Number.POSITIVE_INFINITY;
    this.#slow(peak, DECREASE, now, isUnlimited ? this.#leastIncrease : 0);
  }

  /** Looks at what came back, and begins to count anew. */
  #judge(recent: number, now: number): boolean {
    const { share, spread, isNamed, accepted } = this.#window;
    const written = this.#window.writtenRate(now) ?? recent;
    this.#window = new AnswerWindow();
    const trial = this.#trial;
    this.#trial = undefined;
    const mayBeBackground = !isNamed && share <= MOST_BACKGROUND;
    if (trial && mayBeBackground && share >= trial.share * SAME_SHARE) {
      this.#background = { share, until: now + BACKGROUND_MS };
      this.#slowed = trial.before && { ...trial.before, at: trial.before.at + now - trial.at };
      return false;
    }
    const background = now < this.#background.until ? this.#background.share : 0;
    if (share === 0 || (mayBeBackground && share <= background + NEGLIGIBLE_SHARE + spread)) {
      this.#held = written;
      return false;
    }
    const before = this.at(now);
    if (accepted === 0) this.throttled(recent, now);
    else {
      if (mayBeBackground) this.#trial = { share, before: this.#slowed, at: now };
      const peak = Math.max(MIN_RATE, Math.min(before, written / (1 - background)));
      this.#slow(peak, BELOW_WRITTEN, now);
    }
    return true;
  }

  #slow(peak: number, share: number, now: number, leastIncrease = 0): void {
    // It was on its way to the rate that had held before, and that does not hold any more.
    if (this.#slowed && now - this.#slowed.at > RETURN_MS) this.#held = peak;
    const rate = Math.max(MIN_RATE, peak * share);
    this.#slowed = { at: now, rate, peak, held: this.#held, leastIncrease };
    this.#throttledAt = now;
    this.#window = new AnswerWindow();
  }
}
