import type { MigrationKind } from "../../migrate/index.ts";
import type { CommandContext } from "../context.ts";
import type { GlobalOptions } from "../options.ts";
import { type CommandResult, defineCommand } from "../run.ts";

interface NewCommandOptions extends GlobalOptions {
  name: string;
  kind: MigrationKind;
}

async function create(context: CommandContext, options: NewCommandOptions): Promise<CommandResult> {
  const { migrationsOf, newMigration } = await import("../../migrate/index.ts");
  const model = options.table;
  await context.physicalTable(); // refuses a model that does not exist
  const { id, file } = await newMigration(migrationsOf(context.project, model), options.name, options.kind);
  return {
    document: { model, id, file },
    text: `wrote ${file}; edit it, then see \`tablewright migrate up --dry-run\``,
  };
}

export const newCommand = defineCommand<NewCommandOptions>({
  name: "migrate new",
  command: "new <name>",
  describe: "write a migration to be filled in",
  options: (yargs) =>
    yargs
      .positional("name", { type: "string", demandOption: true, describe: "what it does, in a few words" })
      .option("kind", {
        choices: ["backfill", "counter", "index", "script"],
        default: "backfill",
        describe: "the step it starts with",
      }),
  run: create,
});
