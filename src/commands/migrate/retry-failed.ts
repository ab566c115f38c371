import { ExitCode } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openMigrator } from "./open-migrator.ts";

async function retry(context: CommandContext): Promise<CommandResult> {
  const { retryText } = await import("./render.ts");
  const { showRun } = await import("./show-run.ts");
  const migrator = await openMigrator(context);
  const result = await showRun(context, migrator.retryFailed());
  return {
    document: { ...result },
    text: retryText(result),
    exitCode: result.left > 0 ? ExitCode.no : ExitCode.fine,
  };
}

export const retryFailedCommand = defineCommand({
  name: "migrate retry-failed",
  command: "retry-failed",
  describe: "try the items again that applied steps have set aside",
  run: retry,
});
