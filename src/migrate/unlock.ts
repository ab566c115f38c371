import { breakLease, type HeldLease, type LeaseRecord, silenceOf, systemClock } from "../ledger/index.ts";
import { gitCommit } from "../project/git-commit.ts";
import { lookAt } from "./basis.ts";
import { type MigrationEnvironment, openTable } from "./environment.ts";
import { NotTheHolderError } from "./errors.ts";

/** Who holds a table's lock. */
export interface LockHolder {
  readonly model: string;
  readonly table: string;
  /** Undefined where nobody does. */
  readonly holder: HeldLease | undefined;
  /** Seconds since its last sign of life, by wall times: for people, nothing is decided on it. */
  readonly silentSeconds: number | undefined;
}

const held = (lease: LeaseRecord | undefined): HeldLease | undefined =>
  lease?.owner === undefined ? undefined : { ...lease, owner: lease.owner };

/** Says who holds the table's lock. Takes no lock and writes nothing. */
export async function lockHolder(environment: MigrationEnvironment): Promise<LockHolder> {
  const { model, table, clock = systemClock } = environment;
  const { basis } = await lookAt(environment);
  const holder = held(basis.history.lease);
  const silentSeconds = holder && silenceOf(holder, clock);
  return { model, table, holder, silentSeconds };
}

/**
 * Takes the lock away from the owner that is named, and from nobody else. A run that lives loses it: its next
 * write to the ledger is refused, and it stops.
 * @param request `owner` as {@link lockHolder} tells it; `reason` stands in the history
 * @throws {NotTheHolderError} where somebody else holds it, or nobody does; then nothing was written.
 */
export async function unlock(
  environment: MigrationEnvironment,
  { owner, reason }: { readonly owner: string; readonly reason?: string | undefined },
): Promise<LockHolder> {
  const before = await lockHolder(environment);
  const { holder } = before;
  if (holder?.owner !== owner) throw new NotTheHolderError(environment.table, owner, holder);
  const { basis } = await lookAt(environment);
  const { ledger } = await openTable(environment, false);
  const commit = await gitCommit(environment.migrations.root);
  if (!(await breakLease(ledger, holder, basis.history, { reason, commit }))) {
    throw new NotTheHolderError(environment.table, owner, (await lockHolder(environment)).holder);
  }
  return before;
}
