import { join } from "node:path";
import type { CheckOptions, CheckReport } from "../../seed/file/check-seed-file.ts";
import type { TableKeys } from "../../seed/file/records.ts";
import type { CommandContext, Connection } from "../context.ts";
import type { OpenInput } from "./seed-input.ts";

/** A name for a file of this run among the project's own state. */
export function stateFile(context: CommandContext, kind: string): string {
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  return join(context.project.stateFolder, kind, `${context.options.table}-${time}.jsonl`);
}

/** Who looks on while a file is checked. */
export interface CheckHooks extends Pick<CheckOptions, "onItem" | "onBytes"> {
  readonly onReport?: ((report: CheckReport) => void) | undefined;
}

/** Checks a file and returns the report, defects and all. */
export async function checkFile(
  context: CommandContext,
  { input, shown, duplicates }: OpenInput,
  keys: TableKeys,
  { onReport, ...hooks }: CheckHooks = {},
): Promise<CheckReport> {
  const { checkSeedFile } = await import("../../seed/file/check-seed-file.ts");
  const defectsFile = stateFile(context, "defects");
  const { signal } = context;
  const checking = { source: shown, defectsFile, duplicates, signal, ...hooks };
  const report = await checkSeedFile(input, keys, checking);
  onReport?.(report);
  if (report.items === 0 && report.defectCount === 0) context.log.warn(`${shown} holds no items`);
  return report;
}

/** Checks a file. @throws {SeedDefectsError} when it has a defect. */
export async function requireSoundFile(
  context: CommandContext,
  file: OpenInput,
  keys: TableKeys,
  hooks: CheckHooks = {},
): Promise<CheckReport> {
  const report = await checkFile(context, file, keys, hooks);
  const { SeedDefectsError } = await import("../../seed/errors.ts");
  if (report.defectCount > 0) throw new SeedDefectsError(report);
  return report;
}

/** The live table that the command is about, and the keys its items must have. */
export async function openTable(context: CommandContext, connection: Connection) {
  const { describeTable } = await import("../../dynamo/describe.ts");
  const { TableNotFoundError } = await import("../../dynamo/errors.ts");
  const { liveTableKeys } = await import("../../seed/table-keys.ts");
  const table = await context.physicalTable();
  const description = await describeTable(connection.client, table);
  if (!description) throw new TableNotFoundError(table, connection.target.description);
  return { table, description, keys: liveTableKeys(await context.tableDesign(), description) };
}
