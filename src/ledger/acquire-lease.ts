import { retryFailures } from "../dynamo/backoff.ts";
import type { Clock } from "../dynamo/clock.ts";
import { LeaseHeldError } from "./errors.ts";
import { type Candidate, claimLease, type LeaseRecord, readLease } from "./lease-record.ts";
import type { LeaseNews } from "./news.ts";
import { type Observation, observe } from "./observation.ts";
import type { Ledger } from "./open-ledger.ts";

/** How to wait for a lease. */
export interface WaitForLease {
  news: (news: LeaseNews) => void;
  clock: Clock;
  waitMs: number;
  signal?: AbortSignal | undefined;
}

const POLL_MS = 500;

/**
 * Waits until the lease is this candidate's.
 * @returns the term it holds it for, and since when, by this run's clock: before the claim was sent, as an
 * observer may have seen it that early
 * @throws {LeaseHeldError} when another run holds it for longer than `waitMs`.
 */
export async function acquireLease(
  ledger: Ledger,
  candidate: Candidate,
  options: WaitForLease,
): Promise<{ term: number; confirmedAt: number }> {
  const { news, clock, waitMs, signal } = options;
  const startedAt = clock.now();
  let claimedAt = startedAt;
  const claim = (record: LeaseRecord | undefined) => {
    claimedAt = clock.now();
    return retryFailures(() => claimLease(ledger, candidate, record), { signal, clock });
  };
  let observation: Observation | undefined;
  let announced: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const record = await retryFailures(() => readLease(ledger), { signal, clock });
    // An answer that got lost on its way shows here: the claim went through after all.
    if (record?.owner === candidate.owner) return { term: record.term, confirmedAt: claimedAt };
    if (record?.owner === undefined) {
      await claim(record);
      continue;
    }
    observation = observe(observation, record, clock.now());
    const unchangedFor = clock.now() - observation.since;
    if (unchangedFor >= Math.max(candidate.leaseMs, record.leaseMs)) {
      news({ kind: "takingOver", holder: record });
      await claim(record);
      continue;
    }
    if (announced !== record.owner) {
      news({ kind: "waiting", holder: record });
      announced = record.owner;
    }
    const waited = clock.now() - startedAt;
    if (waited >= waitMs) throw new LeaseHeldError(ledger.table.name, record, Math.round(waited / 1000));
    await clock.sleep(Math.min(POLL_MS, candidate.leaseMs / 4), signal);
  }
}
