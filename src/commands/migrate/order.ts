import type { OrderResult, RunOrder } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openMigrator } from "./open-migrator.ts";

interface OrderCommandOptions extends GlobalOptions {
  reason?: string | undefined;
}

interface RateCommandOptions extends OrderCommandOptions {
  limit: string[];
}

const EFFECTS: Record<RunOrder["action"], { will: string; already: string }> = {
  pause: { will: "will pause", already: "is paused already" },
  resume: { will: "will go on", already: "is not paused" },
  abort: { will: "will end", already: "was told to end already" },
  rate: { will: "will go at the new rate", already: "goes at that rate already" },
};

function orderText({ table, action, changed, holder, silentSeconds }: OrderResult): string {
  const run = `${holder.command} of ${holder.user} on ${holder.host} (process ${holder.pid})`;
  const { will, already } = EFFECTS[action];
  const isSilent = silentSeconds * 1000 > 2 * holder.leaseMs;
  return [
    `${table}: ${run} ${changed ? `${will} within some 2 s` : already}`,
    ...(isSilent ? [`it has shown no sign of life for ${silentSeconds} s: it may be dead`] : []),
  ].join("\n");
}

async function give(context: CommandContext, order: RunOrder): Promise<CommandResult> {
  const migrator = await openMigrator(context);
  const result = await migrator.order(order);
  return { document: { ...result }, text: orderText(result) };
}

const REASON = { type: "string", describe: "why, for the run and the history", requiresArg: true } as const;

const orderCommand = (action: "pause" | "resume" | "abort", describe: string) =>
  defineCommand<OrderCommandOptions>({
    name: `migrate ${action}`,
    command: action,
    describe,
    options: (yargs) => yargs.option("reason", REASON),
    run: (context, { reason }) => give(context, { action, reason }),
  });

export const pauseCommand = orderCommand("pause", "hold the run that is under way, on whatever machine");
export const resumeCommand = orderCommand("resume", "let a paused run go on");
export const abortCommand = orderCommand("abort", "end the run that is under way where it can go on later");

export const rateCommand = defineCommand<RateCommandOptions>({
  name: "migrate rate",
  command: "rate <limit..>",
  describe: "let the run that is under way go faster or slower",
  options: (yargs) =>
    yargs
      .positional("limit", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "500wcu, 200rcu, 50% or none",
      })
      .option("reason", REASON),
  run: (context, { limit, reason }) => give(context, { action: "rate", rate: limit, reason }),
});
