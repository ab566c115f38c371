import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import {
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { retryFailures } from "../dynamo/backoff.ts";
import { type Clock, withinTime } from "../dynamo/clock.ts";
import type { TablewrightError } from "../errors.ts";
import { acquireLease } from "./acquire-lease.ts";
import { LeaseLostError } from "./errors.ts";
import { type Holding, holdingCheck, readLease, releaseLease, renewLease } from "./lease-record.ts";
import type { LeaseNews } from "./news.ts";
import type { Ledger } from "./open-ledger.ts";

/** How a lease is taken and kept. */
export interface LeaseOptions {
  /** What runs under it, such as "migrate up": shown to whoever waits. */
  command: string;
  signal?: AbortSignal | undefined;
  /** Hears what happens on the way to the lease and back. */
  news?: ((news: LeaseNews) => void) | undefined;
  /** Another run may take over after this long without a sign of life, in milliseconds. Default 10,000. */
  leaseMs?: number;
  /** Time between signs of life, in milliseconds. Default 3,000. */
  heartbeatMs?: number;
  /** Give up waiting for another holder after this long, in milliseconds. Default 15 minutes. */
  waitMs?: number;
  /** Default: the ledger's. */
  clock?: Clock | undefined;
  /** The commit that the project's files stand at, for the events of this run. */
  commit?: string | undefined;
}

/** The right to write to the ledger: of the run that holds the lease, and of a process that helps it. */
export interface Fence extends Holding {
  readonly ledger: Ledger;
  /** Aborted when the right is lost, and when the caller's own signal is. */
  readonly signal: AbortSignal;
  /** Aborted when the right is lost, and only then: work that is asked to stop may still come to its end. */
  readonly lost: AbortSignal;
  /** Who shows no sign of life for this long is taken over, in milliseconds. */
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  /**
   * Writes to the ledger in one transaction that goes through only while the run holds the lease.
   * @throws {LeaseLostError} where it does not (in a process that helps it: {@link JoinedRunEndedError});
   * then nothing was written.
   */
  write(actions: readonly TransactWriteItem[]): Promise<void>;
}

/** A held lease. */
export interface Lease extends Fence {
  readonly commit: string | undefined;
  /** A number above every one handed out before for this table, by any run. */
  nextOrder(): number;
}

const ORDERS_PER_TERM = 1_000_000;

/**
 * The share of the lease time after which a holder that could not show itself stops its work. Observers take
 * over after the whole of it: what is left is for requests that are still under way.
 */
export const HOLDER_SHARE = 0.7;

/** How long a run tries to give its lease back: the lease ends by itself if it cannot. */
const GIVE_BACK_MS = 5_000;

/** How long a lost lease may look for who has it now; the work has to stop, not to wait for a message. */
const HOLDER_LOOKUP_MS = 1_000;

/** Loses the right to write: stops everything that goes on under it. */
type Lose = (cause?: unknown) => Promise<TablewrightError>;

function makeLose(ledger: Ledger, clock: Clock, lost: AbortController): Lose {
  return async (cause) => {
    const holder = await withinTime(clock, HOLDER_LOOKUP_MS, undefined, (signal) =>
      readLease(ledger, signal),
    ).catch(() => undefined);
    const error = new LeaseLostError(ledger.table.name, holder, cause);
    lost.abort(error);
    return error;
  };
}

/** Sends signs of life until `stop` is aborted or the lease is lost. */
async function keepAlive(
  ledger: Ledger,
  holding: Holding,
  lose: Lose,
  stop: AbortSignal,
  times: { leaseMs: number; heartbeatMs: number; clock: Clock; confirmedAt: number },
): Promise<void> {
  const { leaseMs, heartbeatMs, clock } = times;
  let { confirmedAt } = times;
  const left = () => confirmedAt + leaseMs * HOLDER_SHARE - clock.now();
  while (!stop.aborted) {
    try {
      await clock.sleep(Math.max(0, Math.min(heartbeatMs, left())), stop);
      const sentAt = clock.now();
      // Who was paused past its time asks once more all the same: nobody may have taken over.
      const patience = Math.max(left(), HOLDER_LOOKUP_MS);
      // The checks of this run's own writes touch the lease too: such a conflict passes.
      const kinds = ["conflict"] as const;
      const held = await withinTime(clock, patience, stop, (signal) =>
        retryFailures(() => renewLease(ledger, holding, signal), { kinds, signal, clock }),
      );
      if (!held) return void (await lose());
      confirmedAt = sentAt;
    } catch (error) {
      if (stop.aborted) return;
      // Who could not show itself for that long must expect that another run has taken over.
      if (left() <= 0) return void (await lose(error));
    }
  }
}

function isRefusedHolder(error: unknown): boolean {
  return (
    error instanceof TransactionCanceledException &&
    error.CancellationReasons?.[0]?.Code === "ConditionalCheckFailed"
  );
}

/**
 * The actions of a write whose conditions did not hold, by their place in it; undefined where it failed
 * for another reason.
 */
export function refusedActions(error: unknown): ReadonlySet<number> | undefined {
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const [, ...reasons] = error.CancellationReasons ?? [];
  const refused = reasons.flatMap(({ Code }, index) => (Code === "ConditionalCheckFailed" ? [index] : []));
  return refused.length > 0 ? new Set(refused) : undefined;
}

/** Every write under a lease: first the check that the run still holds it. */
export function makeWrite(ledger: Ledger, holding: Holding, clock: Clock, lose: Lose): Fence["write"] {
  return async (actions) => {
    const request = new TransactWriteItemsCommand({
      // One token for all attempts: a write whose answer was lost must not be refused by its own effect.
      ClientRequestToken: randomUUID(),
      TransactItems: [{ ConditionCheck: holdingCheck(ledger, holding) }, ...actions],
    });
    try {
      // A sign of life may touch the lease at the same moment: that conflict passes.
      await retryFailures(() => ledger.client.send(request), { clock });
    } catch (error) {
      throw isRefusedHolder(error) ? await lose(error) : error;
    }
  };
}

async function giveBack(
  ledger: Ledger,
  holding: Holding,
  clock: Clock,
  news: (news: LeaseNews) => void,
): Promise<void> {
  try {
    await withinTime(clock, GIVE_BACK_MS, undefined, (signal) =>
      retryFailures(() => releaseLease(ledger, holding, signal), { clock, signal }),
    );
  } catch (error) {
    news({ kind: "notGivenBack", error });
  }
}

/**
 * Runs `work` while holding the table's lease, so that only one run migrates or seeds it at a time. Waits
 * for another holder and says who it is. A holder that shows no sign of life for the lease time, as timed
 * by this run's own clock, is taken over; stored wall times are never compared.
 * @throws {LeaseLostError} when the lease is lost before `work` has ended; {@link LeaseHeldError} when
 * waiting takes too long.
 */
export async function withLease<T>(
  ledger: Ledger,
  options: LeaseOptions,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const { command, news = () => {}, leaseMs = 10_000, heartbeatMs = 3_000 } = options;
  const { clock = ledger.clock } = options;
  const waiting = { news, clock, signal: options.signal, waitMs: options.waitMs ?? 15 * 60_000 };
  const owner = randomUUID();
  const { term, confirmedAt } = await acquireLease(ledger, { owner, command, leaseMs }, waiting);
  const holding = { owner, term };

  const lost = new AbortController();
  const stop = new AbortController();
  const lose = makeLose(ledger, clock, lost);
  const alive = keepAlive(ledger, holding, lose, stop.signal, { leaseMs, heartbeatMs, clock, confirmedAt });
  let orders = 0;
  const signal = options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal;
  // Every request under way listens to it, and there may be many: that is no leak to warn of.
  for (const heard of [signal, lost.signal]) setMaxListeners(0, heard);
  const lease: Lease = {
    ...holding,
    ledger,
    commit: options.commit,
    signal,
    leaseMs,
    heartbeatMs,
    clock,
    lost: lost.signal,
    write: makeWrite(ledger, holding, clock, lose),
    nextOrder: () => term * ORDERS_PER_TERM + orders++,
  };
  try {
    const result = await work(lease);
    lost.signal.throwIfAborted();
    return result;
  } catch (error) {
    throw lost.signal.aborted ? lost.signal.reason : error;
  } finally {
    stop.abort();
    await alive;
    if (!lost.signal.aborted) await giveBack(ledger, holding, clock, news);
  }
}
