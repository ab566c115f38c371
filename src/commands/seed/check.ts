import { ExitCode } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { checkFile } from "./open-seed.ts";
import { defineSeedInput, openSeedInput, type SeedInputOptions, sizeOf } from "./seed-input.ts";
import { RunShow } from "./show-run.ts";

interface CheckCommandOptions extends GlobalOptions, SeedInputOptions {}

async function check(context: CommandContext, options: CheckCommandOptions): Promise<CommandResult> {
  const file = await openSeedInput(context, options);
  const keys = await context.tableDesign();
  const show = new RunShow(context.log, undefined);
  const checked = await show.check(await sizeOf(file), (hooks) => checkFile(context, file, keys, hooks));
  const { content: _, ...report } = checked;
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
