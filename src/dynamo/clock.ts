import { sleep } from "./backoff.ts";

/** Time as leases and pacers see it: replaced by tests. */
export interface Clock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Waits, and rejects with the signal's reason when it is aborted meanwhile. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The process's own monotonic clock: it does not jump when the wall clock is set. */
export const systemClock: Clock = { now: () => performance.now(), sleep };
