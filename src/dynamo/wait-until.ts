import { fullJitter } from "./backoff.ts";
import { classifyFailure } from "./classify.ts";
import { type Clock, systemClock } from "./clock.ts";
import { NotReadyError, NotShownError } from "./errors.ts";

/** How long to wait for something to change. */
export interface WaitOptions {
  /** Give up after this many seconds; 0: look once. Default 600. */
  timeoutSeconds?: number;
  /** Time between two looks, in milliseconds. Default 250. */
  pollMs?: number;
  /**
   * How long what was asked for need not show at all, in milliseconds: DescribeTable is eventually
   * consistent. Default 30,000.
   */
  graceMs?: number;
  /** How long looks may fail for want of an answer or of capacity, in milliseconds. Default 30,000. */
  patienceMs?: number;
  signal?: AbortSignal | undefined;
  /** Default: the process's own. */
  clock?: Clock | undefined;
}

/** What one look came to. */
export type Look<T> =
  | { readonly state: "ready"; readonly value: T }
  /** Not yet: it is under way (`changing`), or nothing shows that it was asked for (`unseen`). */
  | { readonly state: "changing" | "unseen"; readonly what: string; readonly status: string };

/** Times something that goes on without a break, in milliseconds. */
class Spell {
  readonly #clock: Clock;
  #since: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Says whether it goes on now, and returns for how long it has. */
  note(goesOn: boolean): number {
    if (!goesOn) {
      this.#since = undefined;
      return 0;
    }
    this.#since ??= this.#clock.now();
    return this.#clock.now() - this.#since;
  }
}

/** Failures that pass by themselves: of the network, of the service, for want of capacity. */
const isTransient = (error: unknown) => ["throttled", "unavailable"].includes(classifyFailure(error));

/**
 * Looks again and again until what was waited for is there, and returns it. A look that fails for a reason
 * that passes is repeated, each time after a longer while.
 * @throws {NotReadyError} when it takes longer than `timeoutSeconds`; {@link NotShownError} when nothing
 * shows of it for `graceMs`; the failure of a look that does not pass, or not within `patienceMs`; the
 * signal's reason.
 */
export async function waitUntil<T>(look: () => Promise<Look<T>>, options: WaitOptions = {}): Promise<T> {
  const { timeoutSeconds = 600, pollMs = 250, graceMs = 30_000, patienceMs = 30_000, signal } = options;
  const { clock = systemClock } = options;
  const whole = new Spell(clock);
  const unseen = new Spell(clock);
  const failing = new Spell(clock);
  for (let failures = 0; ; ) {
    signal?.throwIfAborted();
    try {
      const seen = await look();
      failing.note(false);
      failures = 0;
      if (seen.state === "ready") return seen.value;
      const { what, status } = seen;
      if (unseen.note(seen.state === "unseen") > graceMs)
        throw new NotShownError(what, status, graceMs / 1000);
      if (whole.note(true) >= timeoutSeconds * 1000) throw new NotReadyError(what, status, timeoutSeconds);
    } catch (error) {
      signal?.throwIfAborted();
      if (!isTransient(error) || failing.note(true) > patienceMs) throw error;
      failures += 1;
    }
    await clock.sleep(failures > 0 ? fullJitter(failures, { baseMs: pollMs }) : pollMs, signal);
  }
}
