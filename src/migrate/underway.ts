import type { Clock } from "../dynamo/clock.ts";
import { describeTable, type Sender } from "../dynamo/describe.ts";
import { pacedClient } from "../dynamo/pace/paced-client.ts";
import { Pacer } from "../dynamo/pace/pacer.ts";
import {
  assertRateFits,
  ceilingsFor,
  describeCeilings,
  isShare,
  parseRate,
  type RateLimit,
} from "../dynamo/pace/rate-limit.ts";
import { startRate } from "../dynamo/pace/start-rate.ts";
import {
  type ControlRecord,
  describeGiver,
  type Fence,
  type OrderFacts,
  watchControl,
} from "../ledger/index.ts";
import type { MigrationEnvironment, OpenTable } from "./environment.ts";
import { RunAbortedError } from "./errors.ts";
import { Progress } from "./progress.ts";

/** What a run works through, and shows how far it has come. */
export interface Underway {
  readonly pacer: Pacer;
  readonly progress: Progress;
}

/** Provisioned capacity changes with autoscaling: a share of it is taken anew so often, in milliseconds. */
const REFRESH_MS = 5 * 60_000;

function pacerFor(
  environment: MigrationEnvironment,
  { description, keyNames }: OpenTable,
  progress: Progress,
): Pacer {
  return new Pacer({
    table: environment.table,
    partitionKey: keyNames[0] ?? "",
    ceilings: ceilingsFor(startRate(environment.rate, environment.target), description),
    computeTransactions: environment.target.kind === "local",
    clock: environment.clock,
    onThrottle: (reason) => progress.tell({ type: "throttled", reason }),
  });
}

/** A run's speed, and the orders that change it. */
class RunControl {
  readonly #environment: MigrationEnvironment;
  readonly #abort: (reason: RunAbortedError) => void;
  readonly #progress: Progress;
  readonly pacer: Pacer;
  #rate: RateLimit;
  #description: OpenTable["description"];
  #obeyed: Pick<ControlRecord, "paused" | "rate"> = {};

  constructor(
    environment: MigrationEnvironment,
    open: OpenTable,
    progress: Progress,
    abort: (reason: RunAbortedError) => void,
  ) {
    this.#environment = environment;
    this.#progress = progress;
    this.#abort = abort;
    this.#description = open.description;
    this.#rate = startRate(environment.rate, environment.target);
    this.pacer = pacerFor(environment, open, progress);
    if (environment.rate || environment.target.kind === "aws") this.#tellRate(undefined);
  }

  /** Does what an order says, as far as it is new. */
  obey(control: ControlRecord): void {
    const { table } = this.#environment;
    const { aborted, rate, paused } = control;
    if (aborted) {
      this.#abort(new RunAbortedError(table, aborted));
      return;
    }
    if (rate && rate.at !== this.#obeyed.rate?.at) {
      this.#rate = parseRate(rate.words);
      this.#applyRate();
      const { words: _words, ...by } = rate;
      this.#tellRate(by);
    }
    if (paused && !this.#obeyed.paused) {
      this.#progress.tell({ type: "paused", by: paused });
      this.pacer.pause(`paused by ${describeGiver(paused)}`);
    }
    if (!paused && this.#obeyed.paused) {
      this.#progress.tell({ type: "resumed" });
      this.pacer.resume();
    }
    this.#obeyed = control;
  }

  /** Follows what is provisioned, where the rate is a share of it, until `stop` is aborted. */
  async followCapacity(clock: Clock, stop: AbortSignal): Promise<void> {
    const { client, table, log } = this.#environment;
    while (!stop.aborted) {
      try {
        await clock.sleep(REFRESH_MS, stop);
        if (!isShare(this.#rate)) continue;
        this.#description = (await describeTable(client, table, stop)) ?? this.#description;
        this.#applyRate();
      } catch (error) {
        if (!stop.aborted) log.debug(`could not see what is provisioned on ${table}: ${String(error)}`);
      }
    }
  }

  #applyRate(): void {
    this.pacer.setCeilings(ceilingsFor(this.#rate, this.#description));
  }

  #tellRate(by: OrderFacts | undefined): void {
    const ceilings = ceilingsFor(this.#rate, this.#description);
    const units = (limit: number) => (Number.isFinite(limit) ? limit : null);
    this.#progress.tell({
      type: "rateChanged",
      read: units(ceilings.table.read),
      write: units(ceilings.table.write),
      description: describeCeilings(ceilings),
      isShare: isShare(this.#rate),
      ...(by && { by }),
    });
  }
}

/**
 * Looks at a table at the rate of a run, without a lock: nobody can give it orders, and it can be left anywhere.
 * @param what what it does, for whoever watches
 * @throws {UsageError} where the rate is a share of capacity that the table does not have.
 */
export async function whileLooking<T>(
  environment: MigrationEnvironment,
  open: OpenTable,
  what: string,
  look: (underway: Underway & { readonly client: Sender }) => Promise<T>,
): Promise<T> {
  if (environment.rate) assertRateFits(environment.rate, open.description);
  const { progress = new Progress(), client } = environment;
  const pacer = pacerFor(environment, open, progress);
  // What is only read need not fit what could be written of it.
  const { table, ...others } = ceilingsFor(startRate(environment.rate, environment.target), open.description);
  pacer.setCeilings({ ...others, table: { ...table, write: Number.POSITIVE_INFINITY } });
  const items = open.description.ItemCount;
  progress.begin({ migration: what, step: "", direction: "up", pacer, items });
  try {
    return await look({ pacer, progress, client: pacedClient(client, pacer) });
  } finally {
    progress.end();
  }
}

/**
 * Does a run's work at its rate, and while it is under way obeys the orders that stand in the ledger. When the
 * run is to stop, by a signal or by an order, no new page begins and those under way are written to their end.
 * @param abort ends the run by an order
 * @throws {UsageError} where the rate is a share of capacity that the table does not have.
 */
export async function whileUnderway<T>(
  environment: MigrationEnvironment,
  open: OpenTable,
  lease: Fence,
  abort: (reason: RunAbortedError) => void,
  work: (underway: Underway) => Promise<T>,
): Promise<T> {
  if (environment.rate) assertRateFits(environment.rate, open.description);
  const { progress = new Progress() } = environment;
  const { clock } = lease;
  const control = new RunControl(environment, open, progress, abort);
  const over = new AbortController();
  const stop = () => {
    const { reason } = lease.signal;
    progress.stopping(reason instanceof Error ? reason.message : "stopped");
    control.pacer.stop(reason);
  };
  if (lease.signal.aborted) stop();
  lease.signal.addEventListener("abort", stop, { once: true, signal: over.signal });
  const watching = [
    watchControl(lease.ledger, lease.term, { clock, stop: over.signal }, (order) => control.obey(order)),
    control.followCapacity(clock, over.signal),
  ];
  try {
    return await work({ pacer: control.pacer, progress });
  } finally {
    over.abort();
    progress.end();
    await Promise.all(watching);
  }
}
