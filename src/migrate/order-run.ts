import { retryFailures } from "../dynamo/backoff.ts";
import { assertRateFits, parseRate } from "../dynamo/pace/rate-limit.ts";
import {
  type ControlChange,
  type ControlRecord,
  giveOrder,
  type HeldLease,
  type LeaseRecord,
  type Ledger,
  orderFacts,
  readControl,
  readLease,
  silenceOf,
} from "../ledger/index.ts";
import { gitCommit } from "../project/git-commit.ts";
import { type MigrationEnvironment, type OpenTable, openTable } from "./environment.ts";
import { NoRunError, OrderRacedError } from "./errors.ts";

/** What somebody wants of the run under way. */
export type RunOrder =
  | { readonly action: "pause" | "resume" | "abort"; readonly reason?: string | undefined }
  | {
      readonly action: "rate";
      /** As on the command line: `500wcu`, `50%`, `none`. */
      readonly rate: readonly string[];
      readonly reason?: string | undefined;
    };

/** What an order came to. */
export interface OrderResult {
  readonly model: string;
  readonly table: string;
  readonly action: RunOrder["action"];
  /** False where the run was as ordered already: then nothing was written. */
  readonly changed: boolean;
  /** The run that obeys, within some two seconds. */
  readonly holder: HeldLease;
  /** Seconds since its last sign of life, by wall times: for people, nothing is decided on it. */
  readonly silentSeconds: number;
  readonly control: Pick<ControlRecord, "paused" | "aborted" | "rate">;
}

/** The runs that obey. */
const OBEYING = ["migrate up", "migrate down"];
const ATTEMPTS = 5;

async function findRun(environment: MigrationEnvironment, { ledger }: OpenTable): Promise<HeldLease> {
  const lease: LeaseRecord | undefined = ledger.exists
    ? await retryFailures(() => readLease(ledger), ledger)
    : undefined;
  const { owner } = lease ?? {};
  if (!lease || owner === undefined || !OBEYING.includes(lease.command)) {
    throw new NoRunError(environment.table, owner === undefined ? undefined : lease);
  }
  return { ...lease, owner };
}

/** What an order changes; undefined where the run is as ordered already. */
function changeOf(
  ledger: Ledger,
  order: RunOrder,
  before: ControlRecord | undefined,
): ControlChange | undefined {
  const facts = orderFacts(ledger, order.reason);
  switch (order.action) {
    case "pause":
      return before?.paused ? undefined : { paused: facts };
    case "resume":
      return before?.paused ? { paused: undefined } : undefined;
    case "abort":
      return before?.aborted ? undefined : { aborted: facts };
    case "rate": {
      const words = [...order.rate];
      return before?.rate?.words.join() === words.join() ? undefined : { rate: { ...facts, words } };
    }
  }
}

/**
 * Tells the run that is under way on the table, on whatever machine, to pause, to go on, to go faster or
 * slower, or to end; needs no lock. The run looks every two seconds. An order holds for that run alone: the
 * next starts without it. Each stands in the history.
 * @throws {NoRunError} where none is under way; {@link UsageError} for a rate that is none, or a share of
 * capacity that the table does not have; {@link OrderRacedError} where others keep giving orders.
 */
export async function orderRun(environment: MigrationEnvironment, order: RunOrder): Promise<OrderResult> {
  const { model, table, migrations } = environment;
  const open = await openTable(environment, true);
  if (order.action === "rate") assertRateFits(parseRate(order.rate), open.description);
  const commit = await gitCommit(migrations.root);
  const { ledger } = open;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const holder = await findRun(environment, open);
    const seen = await retryFailures(() => readControl(ledger), ledger);
    const own = seen?.term === holder.term ? seen : undefined;
    const silentSeconds = silenceOf(holder, ledger.clock);
    const result = { model, table, action: order.action, holder, silentSeconds };
    const change = changeOf(ledger, order, own);
    if (!change) return { ...result, changed: false, control: own ?? {} };
    const outcome = await giveOrder(ledger, holder, seen, change, {
      kind: "control",
      subject: holder.command,
      action: order.action,
      outcome: order.action === "rate" ? order.rate.join(" ") : "ordered",
      reason: order.reason,
      commit,
    });
    if (outcome.kind === "given") return { ...result, changed: true, control: outcome.control };
  }
  throw new OrderRacedError(table);
}
