import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openMigrator } from "./open-migrator.ts";

interface BaselineCommandOptions extends GlobalOptions {
  to?: string | undefined;
  reason?: string | undefined;
  dryRun: boolean;
  createLedger: boolean;
}

async function baseline(context: CommandContext, options: BaselineCommandOptions): Promise<CommandResult> {
  const { showRun } = await import("./show-run.ts");
  const { to, reason, dryRun, createLedger } = options;
  const migrator = await openMigrator(context, { createLedger });
  const run = dryRun ? migrator.planBaseline({ to }) : migrator.baseline({ to, reason });
  const { model, table, ids } = await showRun(context, run);
  const did = dryRun ? "would count as applied, and nothing was written" : "count as applied";
  return {
    document: { model, table, ids, dryRun },
    text: `${table}: ${ids.length === 0 ? "nothing is pending" : `${ids.join(", ")} ${did}`}`,
  };
}

export const baselineCommand = defineCommand<BaselineCommandOptions>({
  name: "migrate baseline",
  command: "baseline",
  describe: "adopt a table that is as the migrations leave it: shows that it is, and runs none",
  options: (yargs) =>
    yargs
      .option("to", { type: "string", describe: "the last migration to take for applied", requiresArg: true })
      .option("reason", { type: "string", describe: "why, for the history", requiresArg: true })
      .option("dry-run", { type: "boolean", default: false, describe: "look only; write nothing" })
      .option("create-ledger", {
        type: "boolean",
        default: false,
        describe: "on AWS too, make the ledger table where it is missing",
      }),
  run: baseline,
});
