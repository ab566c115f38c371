import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand, refuseTogether } from "../run.ts";
import { migrationEnvironment } from "./migration-environment.ts";

interface UpCommandOptions extends GlobalOptions {
  to?: string | undefined;
  dryRun: boolean;
  join?: boolean | undefined;
  createLedger: boolean;
}

async function up(context: CommandContext, options: UpCommandOptions): Promise<CommandResult> {
  const { to, dryRun, createLedger, join = false } = options;
  if (join) {
    refuseTogether(options, "join", "to", "the run that is helped says how far to go");
    refuseTogether({ join, "dry-run": dryRun || undefined }, "join", "dry-run", "whoever helps writes");
  }
  const { migrateJoin, migrateUp, planMigrations } = await import("../../migrate/index.ts");
  const { joinResult, migrateResult, planResult } = await import("./render.ts");
  const environment = await migrationEnvironment(context, { readOnly: dryRun, createLedger });
  if (join) return joinResult(await migrateJoin(environment));
  if (dryRun) return planResult(await planMigrations(environment, { to }));
  return migrateResult(await migrateUp(environment, { to }));
}

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
      .option("create-ledger", {
        type: "boolean",
        default: false,
        describe: "on AWS too, make the ledger table where it is missing",
      }),
  run: up,
});
