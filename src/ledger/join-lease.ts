import { setMaxListeners } from "node:events";
import type { Clock } from "../dynamo/clock.ts";
import { JoinedRunEndedError } from "./errors.ts";
import { type Fence, makeWrite } from "./lease.ts";
import { type LeaseRecord, readLease } from "./lease-record.ts";
import type { Ledger } from "./open-ledger.ts";

/** How a process helps a run. */
export interface JoinOptions {
  readonly signal?: AbortSignal | undefined;
  readonly leaseMs?: number;
  readonly heartbeatMs?: number;
  /** Default: the ledger's. */
  readonly clock?: Clock | undefined;
}

/**
 * The right to write for a process that helps the run which holds the lease: it lasts as long as that run
 * does, and gives none of the holder's own rights, such as to give the lease back.
 * @param held the lease as it was read; its holder is the run that is helped
 */
export function joinLease(
  ledger: Ledger,
  held: Pick<LeaseRecord, "term"> & { readonly owner: string },
  { signal, leaseMs = 10_000, heartbeatMs = 3_000, clock = ledger.clock }: JoinOptions = {},
): Fence {
  const { owner, term } = held;
  const ended = new AbortController();
  const lose = async (cause?: unknown) => {
    const holder = await readLease(ledger).catch(() => undefined);
    const error = new JoinedRunEndedError(ledger.table.name, holder, cause);
    ended.abort(error);
    return error;
  };
  const signals = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
  // Every request under way listens to it, and there may be many: that is no leak to warn of.
  setMaxListeners(0, signals);
  const write = makeWrite(ledger, { owner, term }, clock, lose);
  return { ledger, owner, term, signal: signals, lost: ended.signal, leaseMs, heartbeatMs, clock, write };
}
