import { deleteMigration, deleteStep, putEvent, putMigration } from "../ledger/history.ts";
import type { Lease } from "../ledger/index.ts";
import { type Basis, lookAt, underLease } from "./basis.ts";
import type { MigrationEnvironment } from "./environment.ts";
import { MigrationFilesError, RepairRefusedError } from "./errors.ts";
import type { MigrationState } from "./judge-migrations.ts";
import { assertKnown, type LoadedMigration, loadMigrations } from "./load-migrations.ts";
import { markApplied } from "./mark-applied.ts";

/** The ways in which the ledger can be corrected by hand. */
export const REPAIRS = ["accept-edit", "mark-applied", "mark-pending"] as const;
export type Repair = (typeof REPAIRS)[number];

/** What is to be corrected, how, and why. */
export interface RepairRequest {
  readonly id: string;
  readonly repair: Repair;
  /** For the history. */
  readonly reason: string;
}

/** What a repair changes. */
export interface RepairPlan {
  readonly model: string;
  readonly table: string;
  readonly id: string;
  readonly repair: Repair;
  readonly from: MigrationState;
  /** In words. */
  readonly changes: readonly string[];
}

const REPAIRABLE: Record<Repair, { readonly states: readonly MigrationState[]; readonly next: string }> = {
  "accept-edit": { states: ["changed"], next: "Only an applied migration whose file was edited needs it." },
  "mark-applied": {
    states: ["pending", "failed", "interrupted"],
    next: "Bring its file back, or see `tablewright migrate status`.",
  },
  "mark-pending": {
    // Pending with a record: it waits for something that goes on by itself.
    states: ["applied", "failed", "interrupted", "changed", "missing", "pending"],
    next: "See `tablewright migrate status`.",
  },
};

function describe({ id, repair }: RepairRequest, basis: Basis): string[] {
  const record = basis.history.migrations.find((migration) => migration.id === id);
  const steps = basis.history.steps.filter(({ migration }) => migration === id);
  const file = basis.folder.migrations.find((migration) => migration.id === id);
  switch (repair) {
    case "accept-edit":
      return [`the hash of ${id}: ${record?.hash} becomes ${file?.hash}`];
    case "mark-applied":
      return [
        `${id} counts as applied; no step is run`,
        ...(file?.steps ?? []).map((step) => `its step ${step.id} counts as applied`),
      ];
    case "mark-pending":
      return [
        `the ledger forgets ${id}; nothing on the table is undone`,
        ...steps.map(({ step, state }) => `it forgets its step ${step}, which is ${state}`),
      ];
  }
}

function judge(environment: MigrationEnvironment, request: RepairRequest, basis: Basis): RepairPlan {
  const { model, table } = environment;
  const { id, repair } = request;
  if (basis.folder.mistakes.length > 0) throw new MigrationFilesError(basis.folder.mistakes);
  assertKnown(
    id,
    basis.migrations.map((migration) => migration.id),
  );
  const from = basis.migrations.find((migration) => migration.id === id)?.state ?? "pending";
  const { states, next } = REPAIRABLE[repair];
  const isKnown = basis.history.migrations.some((migration) => migration.id === id);
  const isForgotten = repair === "mark-pending" && !isKnown;
  if (isForgotten || !states.includes(from)) throw new RepairRefusedError(id, repair, from, next);
  return { model, table, id, repair, from, changes: describe(request, basis) };
}

/** Says what a repair would change. Takes no lock and writes nothing. */
export async function planRepair(
  environment: MigrationEnvironment,
  request: RepairRequest,
): Promise<RepairPlan> {
  return judge(environment, request, (await lookAt(environment)).basis);
}

async function acceptEdit(
  lease: Lease,
  basis: Basis,
  migration: LoadedMigration,
  reason: string,
): Promise<void> {
  const { id, hash, fileHash } = migration;
  const records = basis.history.migrations.filter((record) => record.id === id);
  await lease.write([
    ...records.map((record) => putMigration(lease.ledger, { ...record, hash, fileHash })),
    putEvent(lease, { kind: "migration", subject: id, action: "accept-edit", outcome: hash, reason }),
  ]);
}

async function forget(lease: Lease, basis: Basis, { id, reason }: RepairRequest): Promise<void> {
  const steps = basis.history.steps.filter(({ migration }) => migration === id);
  await lease.write([
    deleteMigration(lease.ledger, id),
    ...steps.map(({ step }) => deleteStep(lease.ledger, id, step)),
    putEvent(lease, { kind: "migration", subject: id, action: "mark-pending", outcome: "forgotten", reason }),
  ]);
}

/**
 * Corrects what the ledger says of a migration, under the lock, and notes in the history who did it and why.
 * Changes nothing on the table itself.
 * @throws {RepairRefusedError} where the migration is not in a state that the repair is for;
 * {@link UnknownMigrationError}; {@link MigrationFilesError}. Then nothing was written.
 */
export async function repairMigration(
  environment: MigrationEnvironment,
  request: RepairRequest,
): Promise<RepairPlan> {
  const folder = await loadMigrations(environment.migrations);
  return underLease(environment, "migrate repair", folder, async (lease, _open, basis) => {
    const plan = judge(environment, request, basis);
    const file = basis.folder.migrations.find(({ id }) => id === request.id);
    if (request.repair === "mark-pending") await forget(lease, basis, request);
    else if (file && request.repair === "accept-edit") await acceptEdit(lease, basis, file, request.reason);
    else if (file) {
      const event = { action: request.repair, reason: request.reason };
      await markApplied(lease, basis.history, file, "marked applied", event);
    }
    return plan;
  });
}
