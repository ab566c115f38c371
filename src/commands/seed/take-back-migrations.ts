import type { Ledger } from "../../ledger/index.ts";
import type { CommandContext } from "../context.ts";
import { openMigrator } from "../migrate/open-migrator.ts";

/** What came of taking migrations back. */
export interface TakenBack {
  /** The ids that are pending again. */
  readonly pendingAgain: readonly string[];
  /** Why it ended before all of them were. */
  readonly error?: unknown;
}

/** Which of these migrations the ledger does not know any more. */
async function unknownTo(ledger: Ledger, ids: readonly string[]): Promise<string[]> {
  const { readHistory } = await import("../../ledger/index.ts");
  const { migrations } = await readHistory(ledger);
  return ids.filter((id) => !migrations.some((known) => known.id === id));
}

/**
 * Takes back the migrations that have written to the table, so that they are pending again: a load of
 * whole items over what they wrote would leave their counts wrong. Those that only made an index stay,
 * also where they came later. Does not throw for what fails on the way: what was taken back until then
 * must be told.
 */
export async function takeBackMigrations(context: CommandContext, ledger: Ledger): Promise<TakenBack> {
  const { readHistory } = await import("../../ledger/index.ts");
  const { writingMigrations } = await import("../../seed/writing-migrations.ts");
  const only = writingMigrations(await readHistory(ledger));
  if (only.length === 0) return { pendingAgain: [] };
  const { showRun } = await import("../migrate/show-run.ts");
  const migrator = await openMigrator(context);
  const { error } = await showRun(context, migrator.down({ only })).catch((thrown: unknown) => ({
    error: thrown,
  }));
  if (error === undefined) return { pendingAgain: only };
  return { pendingAgain: await unknownTo(ledger, only).catch(() => []), error };
}
