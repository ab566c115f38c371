import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryOf } from "../../../project/replace-file.ts";
import { LoadLedgerError, NothingToResumeError, OtherLoadError } from "../../errors.ts";
import { type LedgerContent, type LoadIdentity, loadDifferences, parseLedger } from "./ledger-content.ts";

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

/**
 * Reads a ledger.
 * @returns undefined where there is none
 * @throws {LoadLedgerError} {@link LoadLedgerVersionError}
 */
export function readLedger(file: string): LedgerContent | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new LoadLedgerError(file, error);
  }
  return parseLedger(file, text);
}

/** A ledger, or why it cannot be read. */
interface FoundLedger {
  readonly file: string;
  readonly content?: LedgerContent;
  readonly error?: unknown;
}

/** Takes a ledger away, and what a killed process has left of its writing. */
export function removeLedger(file: string): void {
  for (const path of [file, temporaryOf(file)]) rmSync(path, { force: true });
}

function ledgersIn(folder: string): FoundLedger[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  return names.flatMap((name): FoundLedger[] => {
    const file = join(folder, name);
    try {
      const content = readLedger(file);
      return content ? [{ file, content }] : [];
    } catch (error) {
      return [{ file, error }];
    }
  });
}

/** An unfinished load, and what tells it from the one that is asked for. */
interface Candidate {
  readonly file: string;
  readonly savedAt: string;
  readonly differences: readonly string[];
}

/** The unfinished loads of the model: those that differ least first, and of these the newest. */
function candidatesAmong(found: readonly FoundLedger[], identity: LoadIdentity): Candidate[] {
  return found
    .flatMap(({ file, content }) =>
      content?.model === identity.model
        ? [{ file, savedAt: content.savedAt, differences: loadDifferences(content, identity) }]
        : [],
    )
    .sort(
      (a, b) => a.differences.length - b.differences.length || Date.parse(b.savedAt) - Date.parse(a.savedAt),
    );
}

/** The ledgers that this load has left unfinished, the newest first. */
export function unfinishedLedgers(folder: string, identity: LoadIdentity): string[] {
  return candidatesAmong(ledgersIn(folder), identity)
    .filter(({ differences }) => differences.length === 0)
    .map(({ file }) => file);
}

/**
 * Finds the ledger of the load that is to be resumed: the newest of its own.
 * @throws {NothingToResumeError} where the model has none.
 * @throws {OtherLoadError} where it has one of another source, table or other options.
 * @throws {LoadLedgerError} {@link LoadLedgerVersionError} where it has one that cannot be read, and no other.
 */
export function findLedger(folder: string, identity: LoadIdentity): string {
  const found = ledgersIn(folder);
  const [best] = candidatesAmong(found, identity);
  if (best?.differences.length === 0) return best.file;
  if (best) throw new OtherLoadError(best.file, best.differences);
  for (const { error } of found) if (error !== undefined) throw error;
  throw new NothingToResumeError(identity.model, folder);
}
