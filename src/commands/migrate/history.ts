import type { MigrateHistory } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";
import { openMigrator } from "./open-migrator.ts";

interface HistoryCommandOptions extends GlobalOptions {
  limit?: number | undefined;
}

type HistoryEvent = MigrateHistory["events"][number];

function eventLines(event: HistoryEvent): string[] {
  const { at, subject, action, outcome, seconds, consumed, user, host, commit, version, reason, error } =
    event;
  const took = seconds === undefined ? "" : ` in ${seconds.toFixed(1)} s`;
  const counts = Object.entries(event.counts ?? {})
    .sort()
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  const by = `${user} on ${host}, tablewright ${version}${commit ? `, commit ${commit.slice(0, 12)}` : ""}`;
  return [
    `${at}  ${action} ${subject}: ${outcome}${took}`,
    `    ${by}`,
    ...(reason ? [`    because ${reason}`] : []),
    ...(consumed ? [`    ${consumed.write} wcu, ${consumed.read} rcu`] : []),
    ...(counts.length > 0 ? [`    ${counts.join(", ")}`] : []),
    ...(error ? [`    ${error.replaceAll("\n", "\n    ")}`] : []),
  ];
}

async function history(context: CommandContext, options: HistoryCommandOptions): Promise<CommandResult> {
  const migrator = await openMigrator(context);
  const { model, table, events } = await migrator.history();
  const shown = options.limit === undefined ? events : events.slice(-options.limit);
  return {
    document: { model, table, events: shown, total: events.length },
    text:
      events.length === 0
        ? `${table}: the ledger has no history of this table`
        : shown.flatMap(eventLines).join("\n"),
  };
}

export const historyCommand = defineCommand<HistoryCommandOptions>({
  name: "migrate history",
  command: "history",
  describe: "what happened to the table: attempts, repairs, loads; who, when, from which commit",
  options: (yargs) =>
    yargs.option("limit", { type: "number", describe: "only the last so many", requiresArg: true }),
  run: history,
});
