import type { CheckReport } from "../../seed/file/check-seed-file.ts";
import type { CommandContext } from "../context.ts";
import { announceKeyScans } from "./announce-mode.ts";
import { openTable } from "./open-seed.ts";
import type { OpenInput } from "./seed-input.ts";

/** Counts the items that `--mode replace` would delete, with a client that cannot write; what that costs is said first. */
export async function countDeletions(
  context: CommandContext,
  file: OpenInput,
  checked: CheckReport,
): Promise<number> {
  const { countOthers } = await import("../../seed/replace/other-keys.ts");
  const { readSeedFile } = await import("../../seed/file/read-seed-file.ts");
  const connection = await context.connect({ readOnly: true });
  const { client } = connection;
  const { table, description, keys } = await openTable(context, connection);
  await announceKeyScans(context, { file, table, description, checked });
  const { signal } = context;
  const readFile = () => readSeedFile(file.input, keys, { signal });
  return countOthers({ client, table, keys, readFile, checked }, { signal });
}
