import { ExitCode } from "../errors.ts";

/** What an exit status means where a command does not say it in words of its own. */
const MEANINGS: Readonly<Record<number, string>> = {
  [ExitCode.fine]: "fine",
  [ExitCode.no]: "the answer is no (wrong result, rejected items, failed migration, table and file differ)",
  [ExitCode.notYet]: "not yet (pending migrations in check, over budget in verify)",
  [ExitCode.couldNotRun]: "could not run (engine, network, credentials, throttled to the end, lost lock)",
  [ExitCode.usage]: "usage or configuration",
  [ExitCode.interrupted]: "interrupted",
};

/** What the exit statuses of one command mean, as far as they mean something special there; null: it has none such. */
export type ExitMeanings = Readonly<Partial<Record<ExitCode, string | null>>>;

/** The last lines of a command's help. */
export function exitStatusText(own: ExitMeanings = {}): string {
  const lines = Object.entries({ ...MEANINGS, ...own })
    .filter(([, meaning]) => meaning !== null)
    .map(([code, meaning]) => `${code} ${meaning}`);
  return `Exit status: ${lines.join(" · ")}`;
}
