import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../dynamo/clock.ts";

/** One run that has ended. */
export interface LoopEnd<Outcome> {
  readonly outcome: Outcome;
  /** From the moment at which the run was due, not from that at which it started: milliseconds. */
  readonly latencyMs: number;
}

/** How runs are started. */
export interface OpenLoopOptions<Outcome> {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  /** So many runs without an answer end the loop: whoever answers does not keep up. */
  readonly mostAtOnce: number;
  readonly clock: Clock;
  /** Ends the loop; runs under way are expected to end by it too. */
  readonly signal?: AbortSignal | undefined;
  /** Starts a run. Its promise must not reject. @param position counted from 0 */
  readonly start: (position: number) => Promise<Outcome>;
  readonly onEnd: (end: LoopEnd<Outcome>) => void;
  /** Told of each start: how long after its time it was, in milliseconds. */
  readonly onStart: (lateMs: number) => void;
}

/** What a loop came to. */
export interface OpenLoopResult {
  /** Runs that should have been started. */
  readonly due: number;
  readonly started: number;
  /** From the first due moment to the last answer, and not less than what was asked for where all were started. */
  readonly elapsedMs: number;
  readonly end: "all" | "interrupted" | "tooManyAtOnce";
}

/**
 * Starts runs at a constant rate, whatever becomes of them: the n-th is due `n / rate` after the beginning, a slow
 * answer delays no other start, and latency counts from the due moment. So a server that stands still for a second
 * shows in all the runs that were due in it, not in one (Gil Tene, "How NOT to Measure Latency": coordinated
 * omission).
 */
export async function runOpenLoop<Outcome>(options: OpenLoopOptions<Outcome>): Promise<OpenLoopResult> {
  const { ratePerSecond, durationMs, mostAtOnce, clock, signal, start, onEnd, onStart } = options;
  const due = Math.floor((ratePerSecond * durationMs) / 1000);
  const beganAt = clock.now();
  const underWay = new Set<Promise<void>>();
  const run = async (position: number, dueAt: number) => {
    onStart(clock.now() - dueAt);
    const outcome = await start(position);
    onEnd({ outcome, latencyMs: clock.now() - dueAt });
  };
  let end: OpenLoopResult["end"] = "all";
  let started = 0;
  while (started < due && !signal?.aborted) {
    const dueAt = beganAt + (started * 1000) / ratePerSecond;
    const wait = dueAt - clock.now();
    if (wait > 0) {
      // An abort wakes it; the loop's own condition ends it then.
      await clock.sleep(wait, signal).catch(() => {});
      continue;
    }
    if (underWay.size >= mostAtOnce) {
      end = "tooManyAtOnce";
      break;
    }
    const running: Promise<void> = run(started, dueAt).finally(() => underWay.delete(running));
    underWay.add(running);
    started += 1;
    // Where starts are behind their time, answers and signals must be heard all the same.
    await nextTurn();
  }
  if (signal?.aborted) end = "interrupted";
  await Promise.all(underWay);
  const elapsedMs = clock.now() - beganAt;
  return { due, started, elapsedMs: end === "all" ? Math.max(elapsedMs, durationMs) : elapsedMs, end };
}
