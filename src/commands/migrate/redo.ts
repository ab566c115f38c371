import { exitCodeOf, toErrorDocument } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { RATE_OPTION } from "../rate-option.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openMigrator } from "./open-migrator.ts";

interface RedoCommandOptions extends GlobalOptions {
  steps: number;
  rate?: string[] | undefined;
}

async function redo(context: CommandContext, { steps, rate }: RedoCommandOptions): Promise<CommandResult> {
  const { migrateResult } = await import("./render.ts");
  const { showRun } = await import("./show-run.ts");
  const migrator = await openMigrator(context, { rate });
  const { planned, table, model } = await migrator.chooseDown({ steps });
  const confirmed = planned.map(({ id }) => id);
  if (confirmed.length === 0) return { document: { model, table }, text: `${table}: nothing is applied` };
  await context.confirmDestruction(`revert ${confirmed.join(", ")} on ${table} and apply it again`, table);
  const { down, up } = await showRun(context, migrator.redo({ steps, confirmed }));
  const parts = [down, ...(up ? [up] : [])].map(migrateResult);
  const error = up?.error ?? down.error;
  return {
    document: {
      model,
      table,
      down: parts[0]?.document,
      up: parts[1]?.document,
      ...(error ? { error: toErrorDocument(error) } : {}),
    },
    text: parts.map(({ text }) => text).join("\n"),
    ...(error ? { exitCode: exitCodeOf(error) } : {}),
  };
}

export const redoCommand = defineCommand<RedoCommandOptions>({
  name: "migrate redo",
  command: "redo",
  describe: "revert what was applied last and apply it again (asks first)",
  options: (yargs) =>
    yargs
      .option("steps", { type: "number", default: 1, describe: "how many migrations", requiresArg: true })
      .option("rate", RATE_OPTION),
  run: redo,
});
