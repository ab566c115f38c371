import type { MigrationEnvironment } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import { isRedacted } from "../options.ts";
import { rateOf } from "./rate-option.ts";

/** What the verbs of src/migrate work on, from the command line. */
export async function migrationEnvironment(
  context: CommandContext,
  {
    readOnly,
    createLedger,
    rate,
  }: { readOnly: boolean; createLedger?: boolean; rate?: readonly string[] | undefined },
): Promise<MigrationEnvironment> {
  const table = await context.physicalTable();
  const { ledgerTable, indexOwner } = await context.stackSettings();
  const { client, target } = await context.connect({ readOnly });
  const { project, log, signal, options } = context;
  return {
    client,
    target,
    project,
    model: options.table,
    table,
    ledgerTable,
    indexOwner,
    log,
    signal,
    createLedger,
    rate: await rateOf(rate),
    redact: isRedacted(options),
  };
}
