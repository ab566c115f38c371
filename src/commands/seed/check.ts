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
  const { defectLines } = await import("../../seed/errors.ts");
  const fine = report.defectCount === 0;
  const counts = `${report.items} items, ${report.itemBytes} bytes, ${report.writeUnits} write units`;
  return {
    document: { model: options.table, ...report, superseded: report.superseded.count },
    text: fine
      ? `${file.shown} is sound: ${counts}`
      : [...defectLines(report), `${report.defectCount} defects, ${report.items} sound items`].join("\n"),
    exitCode: fine ? ExitCode.fine : ExitCode.no,
  };
}

export const checkCommand = defineCommand<CheckCommandOptions>({
  name: "seed check",
  command: "check [files..]",
  describe: "check a seed file, without a connection",
  options: defineSeedInput,
  run: check,
});
