import type { EventRecord } from "../ledger/index.ts";
import { lookAt } from "./basis.ts";
import type { MigrationEnvironment } from "./environment.ts";

/** What happened to a table: every attempt, repair and load. */
export interface MigrateHistory {
  readonly model: string;
  readonly table: string;
  /** Oldest first. */
  readonly events: readonly EventRecord[];
}

/** Reads what happened to a table. Takes no lock and writes nothing. */
export async function migrateHistory(environment: MigrationEnvironment): Promise<MigrateHistory> {
  const { model, table } = environment;
  const { basis } = await lookAt(environment);
  return { model, table, events: basis.history.events };
}
