import { ExitCode } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { checkFile } from "./open-seed.ts";
import { defineSeedInput, openSeedInput, type SeedInputOptions } from "./seed-input.ts";

interface CheckCommandOptions extends GlobalOptions, SeedInputOptions {}

async function check(context: CommandContext, options: CheckCommandOptions): Promise<CommandResult> {
  const file = await openSeedInput(context, options);
  const { content: _, ...report } = await checkFile(context, file, await context.tableDesign());
  const { checkText } = await import("./text.ts");
  return {
    document: { model: options.table, ...report, superseded: report.superseded.count },
    text: checkText(report),
    exitCode: report.defectCount === 0 ? ExitCode.fine : ExitCode.no,
  };
}

export const checkCommand = defineCommand<CheckCommandOptions>({
  name: "seed check",
  command: "check [files..]",
  describe: "check a seed file, without a connection",
  options: defineSeedInput,
  run: check,
});
