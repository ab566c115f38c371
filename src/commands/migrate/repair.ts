import { UsageError } from "../../errors.ts";
import type { Repair, RepairPlan } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openMigrator } from "./open-migrator.ts";

interface RepairCommandOptions extends GlobalOptions {
  id: string;
  reason: string;
  acceptEdit: boolean;
  markApplied: boolean;
  markPending: boolean;
  dryRun: boolean;
}

function chosenRepair(options: RepairCommandOptions): Repair {
  const given: readonly (Repair | false)[] = [
    options.acceptEdit && "accept-edit",
    options.markApplied && "mark-applied",
    options.markPending && "mark-pending",
  ];
  const [repair, ...others] = given.filter((name) => name !== false);
  if (repair !== undefined && others.length === 0) return repair;
  throw new UsageError({
    message: repair === undefined ? "nothing says what to repair" : "only one repair at a time",
    next: "Give one of --accept-edit, --mark-applied, --mark-pending.",
    facts: { given: given.filter(Boolean) },
  });
}

const resultOf = (plan: RepairPlan, dryRun: boolean): CommandResult => ({
  document: { ...plan, dryRun },
  text: [
    `${plan.table}: ${plan.id} was ${plan.from}${dryRun ? "; nothing was written" : ""}`,
    ...plan.changes.map((change) => `  ${change}`),
  ].join("\n"),
});

async function repair(context: CommandContext, options: RepairCommandOptions): Promise<CommandResult> {
  const request = { id: options.id, repair: chosenRepair(options), reason: options.reason };
  const { showRun } = await import("./show-run.ts");
  const migrator = await openMigrator(context);
  const plan = await migrator.planRepair(request);
  if (options.dryRun) return resultOf(plan, true);
  await context.confirmDestruction(`change the history: ${plan.changes.join("; ")}`, plan.table);
  return resultOf(await showRun(context, migrator.repair(request)), false);
}

export const repairCommand = defineCommand<RepairCommandOptions>({
  name: "migrate repair",
  command: "repair <id>",
  describe: "correct what the ledger says of a migration (asks first); changes nothing on the table",
  options: (yargs) =>
    yargs
      .positional("id", { type: "string", demandOption: true, describe: "the migration" })
      .option("reason", {
        type: "string",
        demandOption: true,
        describe: "why, for the history",
        requiresArg: true,
      })
      .option("accept-edit", {
        type: "boolean",
        default: false,
        describe: "its file was edited after it was applied, and is meant so",
      })
      .option("mark-applied", {
        type: "boolean",
        default: false,
        describe: "it was brought to its end by hand: count it as applied",
      })
      .option("mark-pending", {
        type: "boolean",
        default: false,
        describe: "it was undone by hand, or its file is gone for good: forget it",
      })
      .option("dry-run", {
        type: "boolean",
        default: false,
        describe: "say what would change; write nothing",
      }),
  run: repair,
});
