import { timeText } from "../dynamo/clock.ts";
import { type EventFacts, putEvent, putMigration, putStep } from "../ledger/history.ts";
import type { History, Lease, StepRecord } from "../ledger/index.ts";
import type { LoadedMigration } from "./load-migrations.ts";

/** How a migration came to be applied without being run. */
const MARKS = ["baselined", "marked applied"] as const;
export type MarkedAs = (typeof MARKS)[number];

/** Why a step that was never run here is not undone; undefined where it was. */
export function refuseToUndoMarked(outcome: string | undefined): string | undefined {
  const mark = MARKS.find((known) => known === outcome);
  return mark && `it was ${mark}: no run of its own did it, so there is nothing to go by in undoing it`;
}

/**
 * Writes the records of a migration that is applied though no run of ours saw it through, and the event that
 * says so, in one transaction. Steps that a run did finish keep their records.
 */
export async function markApplied(
  lease: Lease,
  history: Pick<History, "steps">,
  migration: LoadedMigration,
  as: MarkedAs,
  event: Pick<EventFacts, "action" | "reason">,
): Promise<void> {
  const { ledger, owner, term } = lease;
  const { id, description, hash, fileHash, steps } = migration;
  const at = timeText(ledger.clock);
  const finished = new Set(
    history.steps
      .filter(({ migration, state }) => migration === id && state === "applied")
      .map(({ step }) => step),
  );
  const records = steps
    .filter((step) => !finished.has(step.id))
    .map(
      ({ id: step, kind, writes }): StepRecord => ({
        migration: id,
        step,
        kind,
        state: "applied",
        outcome: as,
        counts: {},
        writes: writes.map(({ where, attributes }) => ({ where: { ...where }, attributes: [...attributes] })),
        notes: {},
        startedAt: at,
        appliedAt: at,
      }),
    );
  await lease.write([
    putMigration(ledger, {
      id,
      description,
      hash,
      fileHash,
      state: "applied",
      direction: "up",
      owner,
      term,
      startedAt: at,
      appliedAt: at,
      appliedOrder: lease.nextOrder(),
    }),
    ...records.map((record) => putStep(ledger, record)),
    putEvent(lease, { kind: "migration", subject: id, outcome: as, ...event }),
  ]);
}
