import { exitCodeOf, toErrorDocument } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { migrationEnvironment } from "./migration-environment.ts";
import { RATE_OPTION } from "./rate-option.ts";

interface RedoCommandOptions extends GlobalOptions {
  steps: number;
  rate?: string[] | undefined;
}

async function redo(context: CommandContext, { steps, rate }: RedoCommandOptions): Promise<CommandResult> {
  const { migrateRedo, planDown } = await import("../../migrate/index.ts");
  const { migrateResult } = await import("./render.ts");
  const { withProgress } = await import("./with-progress.ts");
  const { planned, table, model } = await planDown(await migrationEnvironment(context, { readOnly: true }), {
    steps,
  });
  const confirmed = planned.map(({ id }) => id);
  if (confirmed.length === 0) return { document: { model, table }, text: `${table}: nothing is applied` };
  await context.confirmDestruction(`revert ${confirmed.join(", ")} on ${table} and apply it again`, table);
  const environment = await migrationEnvironment(context, { readOnly: false, rate });
  const { down, up } = await withProgress(environment, (watched) =>
    migrateRedo(watched, { steps, confirmed }),
  );
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
