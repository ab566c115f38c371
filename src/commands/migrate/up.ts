import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand, refuseTogether } from "../run.ts";
import { screenOf } from "../screen.ts";
import { migrationEnvironment } from "./migration-environment.ts";
import { RATE_OPTION } from "./rate-option.ts";
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
  const { migrateJoin, migrateUp, planMigrations } = await import("../../migrate/index.ts");
  const { joinResult, migrateResult } = await import("./render.ts");
  const { planResult } = await import("./render-plan.ts");
  const { lookWithProgress, withProgress } = await import("./with-progress.ts");
  const environment = {
    ...(await migrationEnvironment(context, { readOnly: dryRun, createLedger, rate })),
    waitMs: waitMs(options),
    detach: options.detach,
  };
  if (join) return joinResult(await withProgress(environment, migrateJoin));
  if (dryRun) {
    const plan = await lookWithProgress(environment, (look) => planMigrations(look, { to }));
    return planResult(plan, screenOf(context));
  }
  return migrateResult(await withProgress(environment, (watched) => migrateUp(watched, { to })));
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
