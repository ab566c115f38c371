import type { CommandContext } from "../context.ts";
import { type CommandResult, defineCommand } from "../run.ts";

async function sum(context: CommandContext): Promise<CommandResult> {
  const { migrationsOf, writeSum } = await import("../../migrate/index.ts");
  const model = context.options.table;
  await context.physicalTable(); // refuses a model that does not exist
  const written = await writeSum(migrationsOf(context.project, model));
  return { document: { model, ...written }, text: `wrote ${written.file}; commit it with the migrations` };
}

export const sumCommand = defineCommand({
  name: "migrate sum",
  command: "sum",
  describe: "write migrations.sum: say that the files are meant as they are",
  run: sum,
});
