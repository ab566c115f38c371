import type { Clock } from "../clock.ts";
import type { PacedBucket } from "./paced-bucket.ts";

/** Rates grow while requests wait for them: who waits is looked at again after so long. */
const LOOK_AGAIN_MS = 100;

/** What a request takes from a bucket. */
export interface Need {
  readonly bucket: PacedBucket;
  readonly units: number;
}

interface Waiter {
  /** Asked again each time: what requests cost is learned while it waits. */
  readonly needs: () => readonly Need[];
  /** True where it begins new work, such as another page. */
  readonly begins: boolean;
  admit(needs: readonly Need[]): void;
  refuse(reason: unknown): void;
}

/**
 * Lets requests in when every bucket they take from can give: in the order they came, but one that waits for
 * a bucket holds up only those that want the same bucket.
 */
export class Admission {
  readonly #clock: Clock;
  #waiters: Waiter[] = [];
  #timer: AbortController | undefined;
  #held = false;
  #stop: { reason: unknown } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits until it is a request's turn, and takes what it needs.
   * @param needs what it needs; asked again while it waits
   * @param begins it begins new work: refused once {@link stop} was called
   * @returns what it has taken
   * @throws the signal's reason, or that of {@link stop}.
   */
  async enter(needs: () => readonly Need[], begins: boolean, signal?: AbortSignal): Promise<readonly Need[]> {
    signal?.throwIfAborted();
    return new Promise<readonly Need[]>((resolve, reject) => {
      const leave = () => signal?.removeEventListener("abort", abort);
      const waiter: Waiter = {
        needs,
        begins,
        admit: (taken) => {
          leave();
          resolve(taken);
        },
        refuse: (reason) => {
          leave();
          reject(reason);
        },
      };
      const abort = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        waiter.refuse(signal?.reason);
        this.review();
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.push(waiter);
      this.review();
    });
  }

  /** Lets nothing in until {@link release}. */
  hold(): void {
    this.#held = true;
    this.review();
  }

  release(): void {
    this.#held = false;
    this.review();
  }

  /**
   * Lets in no more new work; what belongs to work under way still gets in. While everything is held, nothing
   * is under way: then whatever waits is refused.
   */
  stop(reason: unknown): void {
    this.#stop ??= { reason };
    this.review();
  }

  /** Looks who can be let in; called whenever a bucket may have changed. */
  review(): void {
    this.#refuseStopped();
    if (this.#held) {
      this.#wakeIn(undefined);
      return;
    }
    const now = this.#clock.now();
    const short = new Set<PacedBucket>();
    let soonest: number | undefined;
    const left: Waiter[] = [];
    for (const waiter of this.#waiters) {
      const needs = waiter.needs();
      const waits = needs.map(({ bucket, units }) => bucket.waitFor(units, now));
      const wait = Math.max(0, ...waits);
      if (wait === 0 && !needs.some(({ bucket }) => short.has(bucket))) {
        for (const { bucket, units } of needs) bucket.take(units, now);
        waiter.admit(needs);
        continue;
      }
      for (const [index, { bucket }] of needs.entries()) if (waits[index] !== 0) short.add(bucket);
      // One that only waits for its turn is looked at when it is the other's.
      if (wait > 0) soonest = Math.min(soonest ?? wait, wait);
      left.push(waiter);
    }
    this.#waiters = left;
    for (const bucket of short) bucket.shortAt = now;
    this.#wakeIn(soonest);
  }

  #refuseStopped(): void {
    if (!this.#stop) return;
    const { reason } = this.#stop;
    const refused = this.#waiters.filter(({ begins }) => begins || this.#held);
    this.#waiters = this.#waiters.filter((waiter) => !refused.includes(waiter));
    for (const waiter of refused) waiter.refuse(reason);
  }

  #wakeIn(milliseconds: number | undefined): void {
    this.#timer?.abort();
    this.#timer = undefined;
    if (milliseconds === undefined) return;
    const timer = new AbortController();
    this.#timer = timer;
    // A millisecond more: a timer may fire a fraction early, and would then find nothing.
    const wait = Math.min(milliseconds, LOOK_AGAIN_MS) + 1;
    this.#clock.sleep(wait, timer.signal).then(
      () => {
        if (this.#timer === timer) this.review();
      },
      () => {},
    );
  }
}
