import type { Migrator, MigratorOptions } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import { isRedacted } from "../options.ts";

/** What a command's own options say of its runs. */
export type RunOptions = Pick<MigratorOptions, "createLedger" | "rate" | "waitMs" | "detach">;

/** On a terminal the status line is drawn over; elsewhere each makes a line. */
const PROGRESS_MS = { live: 250, lines: 5_000 } as const;

/** The migrator of the table that the command line names. */
export async function openMigrator(context: CommandContext, runOptions: RunOptions = {}): Promise<Migrator> {
  const { createMigrator, migrationsOf } = await import("../../migrate/index.ts");
  const table = await context.physicalTable();
  const { ledgerTable, indexOwner } = await context.stackSettings();
  const { client, target } = await context.connect();
  const { project, log, signal, options } = context;
  const model = options.table;
  const { folder, root } = migrationsOf(project, model);
  return createMigrator({
    client,
    target,
    table,
    model,
    migrations: folder,
    root,
    ledger: ledgerTable,
    indexOwner,
    signal,
    redact: isRedacted(options),
    progressMs: log.live ? PROGRESS_MS.live : PROGRESS_MS.lines,
    ...runOptions,
  });
}
