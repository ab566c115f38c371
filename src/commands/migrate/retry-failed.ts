import { ExitCode } from "../../errors.ts";
import type { CommandContext } from "../context.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { migrationEnvironment } from "./migration-environment.ts";

async function retry(context: CommandContext): Promise<CommandResult> {
  const { retryFailed } = await import("../../migrate/index.ts");
  const { retryText } = await import("./render.ts");
  const result = await retryFailed(await migrationEnvironment(context, { readOnly: false }));
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
