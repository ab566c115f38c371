import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { RATE_OPTION } from "../rate-option.ts";
import { type CommandResult, defineCommand, refuseTogether } from "../run.ts";
import { screenOf } from "../screen.ts";
import { openMigrator } from "./open-migrator.ts";
import { WAIT_OPTION, waitMs } from "./wait-option.ts";

interface DownCommandOptions extends GlobalOptions {
  steps?: number | undefined;
  to?: string | undefined;
  wait?: string | undefined;
  dryRun: boolean;
  rate?: string[] | undefined;
}

async function down(context: CommandContext, options: DownCommandOptions): Promise<CommandResult> {
  refuseTogether(options, "steps", "to", "both say how far to go");
  const { migrateResult } = await import("./render.ts");
  const { showLook, showRun } = await import("./show-run.ts");
  const { steps, to, dryRun, rate } = options;
  const migrator = await openMigrator(context, { rate, waitMs: waitMs(options) });
  if (dryRun) {
    const { planResult } = await import("./render-plan.ts");
    return planResult(await showLook(context, migrator.planDown({ steps, to })), screenOf(context));
  }
  const plan = await migrator.chooseDown({ steps, to });
  const confirmed = plan.planned.map(({ id }) => id);
  if (confirmed.length > 0) {
    await context.confirmDestruction(`revert ${confirmed.join(", ")} on ${plan.table}`, plan.table);
  }
  return migrateResult(await showRun(context, migrator.down({ steps, to, confirmed })));
}

export const downCommand = defineCommand<DownCommandOptions>({
  name: "migrate down",
  command: "down",
  describe: "revert what was applied last (asks first)",
  options: (yargs) =>
    yargs
      .option("steps", { type: "number", describe: "how many to revert; default 1", requiresArg: true })
      .option("to", {
        type: "string",
        describe: "revert what comes after this one, which stays",
        requiresArg: true,
      })
      .option("rate", RATE_OPTION)
      .option("wait", WAIT_OPTION)
      .option("dry-run", {
        type: "boolean",
        default: false,
        describe: "say what it would revert; write nothing",
      }),
  run: down,
});
