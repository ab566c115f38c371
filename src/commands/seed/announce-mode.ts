import type { TableDescription } from "@aws-sdk/client-dynamodb";
import type { CheckReport } from "../../seed/file/check-seed-file.ts";
import type { CommandContext } from "../context.ts";
import type { ModeRequest } from "./mode-options.ts";
import type { OpenInput } from "./seed-input.ts";

/** What is loaded into what. */
interface ModeSubject {
  readonly file: Pick<OpenInput, "shown">;
  readonly table: string;
  readonly description: TableDescription;
  readonly checked: CheckReport;
}

/**
 * Says what it costs to look for the keys of a table that are not in a file.
 * @throws {EmptyReplacementError} where the file has no items.
 */
export async function announceKeyScans(
  { log }: CommandContext,
  { table, description, checked }: ModeSubject,
): Promise<void> {
  const { EmptyReplacementError } = await import("../../seed/errors.ts");
  const { estimateKeyScans } = await import("../../seed/prove/read-cost.ts");
  const { roundsFor } = await import("../../seed/replace/other-keys.ts");
  const { lookCostText } = await import("./text.ts");
  if (checked.items === 0) throw new EmptyReplacementError(table, checked.source);
  const cost = estimateKeyScans({ description, checked, wasEmpty: false }, roundsFor(checked.items));
  log.info(lookCostText("to look for keys that are not in the file", cost));
}

/**
 * Says what a load in this mode does otherwise than a plain one, and asks for leave to delete.
 * @throws {UsageError} where nobody confirmed. @throws {EmptyReplacementError}
 */
export async function announceMode(
  context: CommandContext,
  subject: ModeSubject,
  { mode, skipIdentical }: ModeRequest,
): Promise<void> {
  const { file, table } = subject;
  if (mode === "insert") context.log.info("insert writes item by item, as a batch takes no conditions");
  if (skipIdentical) {
    const { estimateLookups } = await import("../../seed/prove/read-cost.ts");
    const { lookCostText } = await import("./text.ts");
    context.log.info(lookCostText("to look for identical items", estimateLookups(subject)));
  }
  if (mode !== "replace") return;
  await announceKeyScans(context, subject);
  await context.confirmDestruction(`delete every item of ${table} whose key is not in ${file.shown}`, table);
}
