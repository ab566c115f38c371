import { UsageError } from "../../errors.ts";
import type { LockHolder } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openMigrator } from "./open-migrator.ts";

interface UnlockCommandOptions extends GlobalOptions {
  owner?: string | undefined;
  reason?: string | undefined;
}

function holderText({ holder, silentSeconds }: LockHolder): string {
  if (!holder) return "nobody holds the lock";
  const { command, user, host, pid, heldSince, owner } = holder;
  return `held by ${command} of ${user} on ${host} (process ${pid}) since ${heldSince}; last sign of life ${silentSeconds} s ago; owner ${owner}`;
}

async function unlockTable(context: CommandContext, options: UnlockCommandOptions): Promise<CommandResult> {
  const { owner, reason } = options;
  const migrator = await openMigrator(context);
  const found = await migrator.lockHolder();
  const { table, holder } = found;
  if (!holder) return { document: { ...found, released: false }, text: `${table}: ${holderText(found)}` };
  if (owner === undefined) {
    throw new UsageError({
      message: `${table}: ${holderText(found)}`,
      next: `A dead run's lock frees itself within seconds. To take it away all the same: --owner ${holder.owner}`,
      facts: { ...found },
    });
  }
  const released = await migrator.unlock({ owner, reason });
  return {
    document: { ...released, released: true },
    text: `${table}: the lock was taken away; it was ${holderText(released)}`,
  };
}

export const unlockCommand = defineCommand<UnlockCommandOptions>({
  name: "migrate unlock",
  command: "unlock",
  describe: "say who holds the lock, and take it away from the owner that is named",
  options: (yargs) =>
    yargs
      .option("owner", { type: "string", describe: "the owner, as this command tells it", requiresArg: true })
      .option("reason", { type: "string", describe: "why, for the history", requiresArg: true }),
  run: unlockTable,
});
