import { ExitCode } from "../../errors.ts";
import type { MigrateStatus } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { migrationEnvironment } from "./migration-environment.ts";

async function status(context: CommandContext): Promise<CommandResult & { status: MigrateStatus }> {
  const { migrateStatus } = await import("../../migrate/index.ts");
  const { statusText } = await import("./render.ts");
  const found = await migrateStatus(await migrationEnvironment(context, { readOnly: true }));
  return { document: { ...found }, text: statusText(found), status: found };
}

/** 1 where something went wrong, else 2 where something is still to be done. */
function judge({ migrations, problems, pending }: MigrateStatus): ExitCode {
  const wrong = migrations.some(({ state }) => state === "failed" || state === "interrupted");
  if (wrong || problems.length > 0) return ExitCode.no;
  return pending > 0 ? ExitCode.notYet : ExitCode.fine;
}

export const statusCommand = defineCommand({
  name: "migrate status",
  command: "status",
  describe: "where each migration stands",
  run: async (context) => {
    const { document, text } = await status(context);
    return { document, text };
  },
});

export const checkCommand = defineCommand({
  name: "migrate check",
  command: "check",
  describe: "the same, for CI: exit 2 where one is pending, 1 where one failed, changed or is missing",
  run: async (context) => {
    const { document, text, status: found } = await status(context);
    return { document, text, exitCode: judge(found) };
  },
});
