import type { Ledger } from "../../ledger/index.ts";
import type { CommandContext, Connection } from "../context.ts";

/**
 * Takes back the migrations that have written to the table, so that they are pending again: a load of
 * whole items over what they wrote would leave their counts wrong. Those that only made an index stay.
 * @returns the ids that are pending again
 */
export async function takeBackMigrations(
  context: CommandContext,
  connection: Connection,
  ledger: Ledger,
): Promise<string[]> {
  const { migrateDown } = await import("../../migrate/index.ts");
  const { readHistory } = await import("../../ledger/index.ts");
  const { writingMigrations } = await import("../../seed/writing-migrations.ts");
  const history = await readHistory(ledger);
  const [first] = writingMigrations(history);
  if (first === undefined) return [];
  const started = history.migrations.map(({ id }) => id).sort();
  const before = started.filter((id) => id < first).at(-1);
  const { project, log, signal } = context;
  const { ledgerTable, indexOwner } = await context.stackSettings();
  const { client, target } = connection;
  const names = { model: context.options.table, table: ledger.table.name, ledgerTable };
  const environment = { client, target, project, ...names, indexOwner, log, signal };
  const options = before === undefined ? { steps: started.length } : { to: before };
  const { results, error } = await migrateDown(environment, options);
  if (error) throw error;
  return results.map(({ id }) => id).sort();
}
