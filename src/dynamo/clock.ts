import { setTimeout as delay } from "node:timers/promises";

/** Time as this program sees it: all of it, so that whoever replaces it replaces it everywhere. */
export interface Clock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Waits, and rejects with the signal's reason when it is aborted meanwhile. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** The time of day, for records that people read: no decision is made on it. */
  wallTime(): Date;
}

/** Sleeps by the process's own clock, and rejects with the signal's reason when it is aborted meanwhile. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await delay(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** The process's own monotonic clock: it does not jump when the wall clock is set. */
export const systemClock: Clock = { now: () => performance.now(), sleep, wallTime: () => new Date() };

/** The time of day as text, as records carry it. */
export const timeText = (clock: Clock): string => clock.wallTime().toISOString();

/**
 * Does work that is ended by its signal when it takes too long by the clock, or when `stop` is aborted.
 * @param work must end when its signal is aborted
 */
export async function withinTime<T>(
  clock: Clock,
  milliseconds: number,
  stop: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const over = new AbortController();
  const expire = () => late.abort(new DOMException(`took longer than ${milliseconds} ms`, "TimeoutError"));
  clock.sleep(milliseconds, over.signal).then(expire, () => {});
  try {
    return await work(stop ? AbortSignal.any([stop, late.signal]) : late.signal);
  } finally {
    over.abort();
  }
}
