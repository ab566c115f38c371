import { ExitCode } from "../../errors.ts";
import type { CheckResult } from "../../migrate/index.ts";
import { defineCommand } from "../run.ts";
import { openMigrator } from "./open-migrator.ts";

const EXITS: Record<CheckResult["verdict"], ExitCode> = {
  done: ExitCode.fine,
  pending: ExitCode.notYet,
  wrong: ExitCode.no,
};

export const statusCommand = defineCommand({
  name: "migrate status",
  command: "status",
  describe: "where each migration stands",
  run: async (context) => {
    const { statusText } = await import("./render.ts");
    const migrator = await openMigrator(context);
    const found = await migrator.status();
    return { document: { ...found }, text: statusText(found) };
  },
});

export const checkCommand = defineCommand({
  name: "migrate check",
  command: "check",
  describe: "the same, for CI: exit 2 where one is pending, 1 where one failed, changed or is missing",
  run: async (context) => {
    const { statusText } = await import("./render.ts");
    const migrator = await openMigrator(context);
    const found = await migrator.check();
    return { document: { ...found }, text: statusText(found), exitCode: EXITS[found.verdict] };
  },
});
