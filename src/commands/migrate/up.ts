import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { RATE_OPTION } from "../rate-option.ts";
import { type CommandResult, defineCommand, refuseTogether } from "../run.ts";
import { screenOf } from "../screen.ts";
import { openMigrator } from "./open-migrator.ts";
import { WAIT_OPTION, waitMs } from "./wait-option.ts";

interface UpCommandOptions extends GlobalOptions {
  to?: string | undefined;
  dryRun: boolean;
  join?: boolean | undefined;
  rate?: string[] | undefined;
  createLedger: boolean;
  detach: boolean;
  wait?: string | undefined;
}

async function up(context: CommandContext, options: UpCommandOptions): Promise<CommandResult> {
  const { to, dryRun, createLedger, rate, join = false } = options;
  if (join) {
    refuseTogether(options, "join", "to", "the run that is helped says how far to go");
    refuseTogether({ join, "dry-run": dryRun || undefined }, "join", "dry-run", "whoever helps writes");
  }
  const { joinResult, migrateResult } = await import("./render.ts");
  const { planResult } = await import("./render-plan.ts");
  const { showLook, showRun } = await import("./show-run.ts");
  const { detach } = options;
  const migrator = await openMigrator(context, { createLedger, rate, waitMs: waitMs(options), detach });
  if (join) return joinResult(await showRun(context, migrator.join()));
  if (dryRun) return planResult(await showLook(context, migrator.plan({ to })), screenOf(context));
  return migrateResult(await showRun(context, migrator.up({ to })));
}

export const planCommand = defineCommand<UpCommandOptions>({
  name: "migrate plan",
  command: "plan",
  describe: "what up would do: the same as up --dry-run",
  options: (yargs) =>
    yargs
      .option("to", { type: "string", describe: "the last migration to plan", requiresArg: true })
      .option("rate", RATE_OPTION),
  run: (context, { to, ...options }) => up(context, { ...options, to, dryRun: true, createLedger: false }),
});

export const upCommand = defineCommand<UpCommandOptions>({
  name: "migrate up",
  command: "up",
  describe: "run what is pending, in order",
  options: (yargs) =>
    yargs
      .option("to", { type: "string", describe: "the last migration to run", requiresArg: true })
      .option("dry-run", { type: "boolean", default: false, describe: "say what it would do; write nothing" })
      .option("join", {
        type: "boolean",
        describe: "help the run that is under way, from this machine too, until it is over",
      })
      .option("rate", RATE_OPTION)
      .option("wait", WAIT_OPTION)
      .option("detach", {
        type: "boolean",
        default: false,
        describe: "leave as soon as an index is asked for (exit 2); a later up goes on",
      })
      .option("create-ledger", {
        type: "boolean",
        default: false,
        describe: "on AWS too, make the ledger table where it is missing",
      }),
  run: up,
});
