import { sleep } from "../dynamo/backoff.ts";
import type { Verdict } from "./verdict.ts";

/** Something that was judged. */
interface WithVerdict {
  readonly verdict: Verdict;
}

/** Judges again while an index may still be catching up, up to the last; one time budget for all inputs of a pattern. */
export type Patience = <Judged extends WithVerdict>(judge: () => Promise<Judged>) => Promise<Judged>;

/** Time between two looks at an index, in milliseconds. */
const LOOK_AGAIN_MS = 100;

/** For a pattern that reads no index: its first answer counts. */
export const noPatience: Patience = (judge) => judge();

/**
 * Indexes are eventually consistent (GSI, "Data synchronization"), so a wrong answer read through one is
 * read again; when it is still wrong after `deadlineMs`, it is wrong.
 */
export function createPatience(deadlineMs: number, signal?: AbortSignal): Patience {
  let spentMs = 0;
  return async (judge) => {
    for (;;) {
      const startedAt = performance.now();
      const judged = await judge();
      if (judged.verdict.status !== "fail" || spentMs >= deadlineMs) return judged;
      await sleep(Math.min(LOOK_AGAIN_MS, deadlineMs - spentMs), signal);
      spentMs += performance.now() - startedAt;
    }
  };
}
