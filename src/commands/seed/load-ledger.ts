import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { LoadIdentity } from "../../seed/load/ledger/ledger-content.ts";
import type { LoadLedger } from "../../seed/load/ledger/load-ledger.ts";
import type { CommandContext } from "../context.ts";
import { shownPath } from "./seed-file.ts";

/** What the command line says of the load's ledger. */
export interface LedgerRequest {
  /** Go on with a load that was cut off. */
  readonly resume?: boolean | undefined;
  /** Its file; false where the table does not outlive the process. Default: one in `.tablewright/loads`. */
  readonly ledger?: string | false | undefined;
}

const loadsFolder = ({ project }: CommandContext) => join(project.stateFolder, "loads");

/**
 * Opens the ledger of a load that begins or goes on, and says where an earlier one could.
 * @throws {NothingToResumeError} {@link OtherLoadError} {@link LoadLedgerError} {@link LoadLedgerVersionError}
 * {@link LoadRunningError} {@link LoadLedgerWriteError}
 */
export async function openLoadLedger(
  context: CommandContext,
  { resume, ledger }: LedgerRequest,
  identity: LoadIdentity,
): Promise<LoadLedger | undefined> {
  if (ledger === false) return undefined;
  const { findLedger, unfinishedLedgers } = await import("../../seed/load/ledger/find-ledgers.ts");
  const { LoadLedger } = await import("../../seed/load/ledger/load-ledger.ts");
  const folder = loadsFolder(context);
  const named = ledger === undefined ? undefined : resolve(ledger);
  if (resume) return LoadLedger.resume(named ?? findLedger(folder, identity), identity);
  const file = named ?? join(folder, `${identity.model}-${randomUUID()}.json`);
  const opened = LoadLedger.begin(file, identity);
  const [earlier] = named && existsSync(named) ? [named] : unfinishedLedgers(folder, identity);
  if (earlier !== undefined) {
    context.log.info(
      `an earlier run of this load was cut off (${shownPath(earlier)}): --resume goes on with it; this run begins anew`,
    );
  }
  return opened;
}

/** Forgets the ledgers that runs of a load have left which has ended well now. */
export async function forgetLedgers(context: CommandContext, identity: LoadIdentity): Promise<void> {
  const { removeLedger, unfinishedLedgers } = await import("../../seed/load/ledger/find-ledgers.ts");
  for (const file of unfinishedLedgers(loadsFolder(context), identity)) removeLedger(file);
}
