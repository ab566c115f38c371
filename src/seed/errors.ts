import { ExitCode, exitCodeOf, TablewrightError, toErrorDocument } from "../errors.ts";
import { SEED_FORMATS } from "./file/formats.ts";
import type { Defect } from "./file/records.ts";
import { keyText } from "./key-text.ts";
import type { LiveCount } from "./live-counts.ts";
import { type LoadCounts, sumOf } from "./load/load-counts.ts";

/** The seed file is missing or cannot be read. */
export class SeedFileError extends TablewrightError {
  readonly code = "seed-file";
  readonly exitCode = ExitCode.usage;

  constructor(file: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super({
      // Node ends its own with the call and the path, which is named already.
      message: `${file} cannot be read: ${reason.replace(/, (open|stat) '.*'$/s, "")}`,
      next: "Name a file that can be read, or make one with `tablewright seed generate`.",
      facts: { file },
      cause,
    });
  }
}

/** Standard input could not be kept in a temporary file. */
export class SpoolError extends TablewrightError {
  readonly code = "spool";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(folder: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super({
      message: `standard input cannot be kept in a temporary file in ${folder}: ${reason}`,
      next: "Make room there, name another folder with TMPDIR, or name a file instead of -.",
      facts: { folder, reason },
      cause,
    });
  }
}

/** A folder that is no export which can be read. */
export class ExportFolderError extends TablewrightError {
  readonly code = "export-folder";
  readonly exitCode = ExitCode.usage;

  constructor(folder: string, { reason, next }: { reason: string; next: string }) {
    super({ message: `${folder} ${reason}`, next, facts: { folder, reason } });
  }
}

/** Where an export is not what its manifest says. */
export interface ExportMistake {
  readonly file: string;
  readonly reason: string;
}

/** An export is not what its manifest says. */
export class DamagedExportError extends TablewrightError {
  readonly code = "damaged-export";
  readonly exitCode = ExitCode.no;

  constructor(folder: string, mistakes: readonly ExportMistake[]) {
    const lines = mistakes.map(({ file, reason }) => `${file}: ${reason}`);
    super({
      message: [`${folder} is not what its manifest says; nothing was written`, ...lines].join("\n"),
      next: "Copy the export again, all of it: aws s3 sync.",
      facts: { folder, mistakes },
    });
  }
}

/** How a seed file is written cannot be told from its content. */
export class SeedFormatError extends TablewrightError {
  readonly code = "seed-format";
  readonly exitCode = ExitCode.usage;

  constructor(file: string, reason: string) {
    super({
      message: `it cannot be told how ${file} is written: ${reason}`,
      next: `Say it with --format: ${SEED_FORMATS.join(", ")}.`,
      facts: { file, reason },
    });
  }
}

/** What is wrong with a seed file: the first defects, and how many there are. */
export interface DefectSummary {
  readonly source: string;
  readonly defects: readonly Defect[];
  readonly defectCount: number;
  /** How many of them are items with the key of another. */
  readonly duplicateCount: number;
  /** The file with all of them, where there are more than `defects` holds. */
  readonly defectsFile?: string | undefined;
}

/** A defect in one line: `items.json:7:12: number has 39 digits`. */
export function defectText(input: string, { source = input, line, column, reason }: Defect): string {
  return `${source}:${line}${column === undefined ? "" : `:${column}`}: ${reason}`;
}

/** A summary of defects as lines of text. */
export function defectLines({ source, defects, defectCount, defectsFile }: DefectSummary): string[] {
  const more = defectCount - defects.length;
  const all = defectsFile ? `; all of them are in ${defectsFile}` : "";
  return [
    ...defects.map((defect) => defectText(source, defect)),
    ...(more > 0 ? [`and ${more} more${all}`] : []),
  ];
}

/** The seed file has defects; nothing was written. */
export class SeedDefectsError extends TablewrightError {
  readonly code = "seed-defects";
  readonly exitCode = ExitCode.no;

  constructor(summary: DefectSummary) {
    const { source, defects, defectCount, duplicateCount, defectsFile } = summary;
    const count = defectCount === 1 ? "1 defect" : `${defectCount} defects`;
    super({
      message: [`${source} has ${count}; nothing was written`, ...defectLines(summary)].join("\n"),
      next:
        duplicateCount > 0
          ? "Correct the file, or say by --duplicates which of the items with one key is meant, and run the command again."
          : "Correct the file and run the command again.",
      facts: { source, defects, defectCount, duplicateCount, defectsFile },
    });
  }
}

/** The file was changed between the check and the end of the load. */
export class SeedFileChangedError extends TablewrightError {
  readonly code = "seed-file-changed";
  readonly exitCode = ExitCode.no;

  /** @param counts items, where they tell it */
  constructor(source: string, counts?: { readonly checked: number; readonly loaded: number }) {
    const told = counts
      ? `: ${counts.checked} items when it was checked, ${counts.loaded} when it was loaded`
      : "";
    super({
      message: `${source} changed since it was checked${told}`,
      next: "Let nothing write to the file, and load it again: writing an item twice does no harm.",
      facts: { source, ...counts },
    });
  }
}

/** The live table's keys are not those of the design. */
export class KeyMismatchError extends TablewrightError {
  readonly code = "key-mismatch";
  readonly exitCode = ExitCode.usage;

  constructor(table: string, declared: string, found: string) {
    super({
      message: `${table} has the keys ${found}, but its design says ${declared}`,
      next: "See whether --stack and --table name the right table; keys cannot be changed after creation.",
      facts: { table, declared, found },
    });
  }
}

/** The counts of a load do not add up: an item got lost in this program. */
export class SumError extends TablewrightError {
  readonly code = "sum";
  readonly exitCode = ExitCode.no;

  constructor(counts: object) {
    super({
      message: `the counts of the load do not add up: ${JSON.stringify(counts)}`,
      next: "This is a defect of tablewright: please report it. `tablewright seed prove` says what is missing.",
      facts: { ...counts },
    });
  }
}

/** Nothing could be written for the whole retry deadline, so the load gave up. */
export class LoadExhaustedError extends TablewrightError {
  readonly code = "load-exhausted";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, deadlineMs: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message || cause.name : "no reason given";
    const seconds = deadlineMs / 1000;
    super({
      message: `${table} took nothing for ${seconds} s (${reason}), so the load gave up`,
      next: "Wait or raise the table's capacity, then run the command again: writing an item twice does no harm.",
      facts: { table, seconds, reason },
      cause,
    });
  }
}

/** More items were rejected than may be, so the load stopped. */
export class TooManyRejectsError extends TablewrightError {
  readonly code = "too-many-rejects";
  readonly exitCode = ExitCode.no;

  constructor(table: string, rejected: number, maxRejects: number) {
    const items = rejected === 1 ? "1 item was" : `${rejected} items were`;
    super({
      message: `${items} rejected, and at most ${maxRejects} may be: the load of ${table} stopped`,
      next: "See why they were rejected, correct the file and load it again, or let it go on with --max-rejects.",
      facts: { table, rejected, maxRejects },
    });
  }
}

/** A table was to be replaced by a file without items, which would empty it. */
export class EmptyReplacementError extends TablewrightError {
  readonly code = "empty-replacement";
  readonly exitCode = ExitCode.usage;

  constructor(table: string, source: string) {
    super({
      message: `${source} has no items: to replace ${table} by it would delete every item`,
      next: "Name a file that has items; `tablewright table delete` empties a table for good.",
      facts: { table, source },
    });
  }
}

/** There is no unfinished load to go on with. */
export class NothingToResumeError extends TablewrightError {
  readonly code = "nothing-to-resume";
  readonly exitCode = ExitCode.usage;

  /** @param place the folder or the file that was looked into */
  constructor(model: string, place: string) {
    super({
      message: `nothing to resume: no unfinished load of ${model} in ${place}`,
      next: "Run the command without --resume.",
      facts: { model, place },
    });
  }
}

/** An unfinished load is not one of this source, table and options. */
export class OtherLoadError extends TablewrightError {
  readonly code = "other-load";
  readonly exitCode = ExitCode.usage;

  /** @param ledger its file @param differences what is not as it was */
  constructor(ledger: string, differences: readonly string[]) {
    super({
      message: [`the unfinished load ${ledger} is not this one:`, ...differences].join("\n  "),
      next: "Put back what is not as it was, or leave out --resume: then all is loaded, and writing an item twice does no harm.",
      facts: { ledger, differences },
    });
  }
}

/** What a load's ledger says cannot be read, or makes no sense. */
export class LoadLedgerError extends TablewrightError {
  readonly code = "load-ledger";
  readonly exitCode = ExitCode.usage;

  constructor(file: string, cause: unknown) {
    super({
      message: `${file} is no ledger of a load: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: "Name another one with --ledger, or load without --resume.",
      facts: { file },
      cause,
    });
  }
}

/** A load's ledger was written by a newer version. */
export class LoadLedgerVersionError extends TablewrightError {
  readonly code = "load-ledger-version";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(file: string, found: number, known: number) {
    super({
      message: `the ledger ${file} has version ${found}; this program knows ${known}`,
      next: "Update tablewright to resume this load, or load without --resume.",
      facts: { file, found, known },
    });
  }
}

/** A load's ledger cannot be written. */
export class LoadLedgerWriteError extends TablewrightError {
  readonly code = "load-ledger-write";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(file: string, cause: unknown) {
    super({
      message: `the ledger of the load, ${file}, cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: "Make room for it, or name another place with --ledger: without it a load that is cut off cannot be resumed.",
      facts: { file },
      cause,
    });
  }
}

/** Another process goes on with the same load. */
export class LoadRunningError extends TablewrightError {
  readonly code = "load-running";
  readonly exitCode = ExitCode.couldNotRun;

  /** @param mark the file by which the other process is known */
  constructor(ledger: string, mark: string, pid: number) {
    super({
      message: `process ${pid} is at work on the load ${ledger}`,
      next: `Wait for it or stop it (Ctrl-C, or kill ${pid}). If that process is something else, delete ${mark}.`,
      facts: { ledger, mark, pid },
    });
  }
}

/** The rejects of the run that is to be resumed are not where it left them. */
export class RejectsChangedError extends TablewrightError {
  readonly code = "rejects-changed";
  readonly exitCode = ExitCode.usage;

  constructor(file: string, noted: number, found: number) {
    super({
      message: `${file} has ${found} bytes, but the load that is to be resumed left ${noted} bytes of rejected items there`,
      next: "Put the file back, or load without --resume.",
      facts: { file, noted, found },
    });
  }
}

/** The load came to its end, but the proof or the note in the ledger could not be made. */
export class AfterLoadError extends TablewrightError {
  readonly code = "after-load";
  readonly exitCode = ExitCode.couldNotRun;

  /** @param cause what failed, as an error that says what to do */
  constructor(counts: LoadCounts, cause: unknown) {
    const failure = toErrorDocument(cause);
    super({
      message: `the load is over, but what comes after it failed: ${failure.message}`,
      next: `${failure.next} The counts hold; \`tablewright seed prove\` compares table and file.`,
      facts: { ...sumOf(counts), failure },
      cause,
    });
  }
}

/** Migrations have written to the table: whole-item puts would wipe that while the ledger says it is there. */
export class MigratedTableError extends TablewrightError {
  readonly code = "migrated-table";
  readonly exitCode = ExitCode.no;

  constructor(table: string, migrations: readonly string[]) {
    const list = migrations.join(", ");
    super({
      message: `migrations have written to ${table} (${list}): loading whole items would wipe what they wrote`,
      next: "Load with --redo-migrations, which takes them back first, and run `tablewright migrate up` afterwards.",
      facts: { table, migrations },
    });
  }
}

/** Live writes keep counts on items that the load would put over, and no migration has taken them over. */
export class LiveCountsError extends TablewrightError {
  readonly code = "live-counts";
  readonly exitCode = ExitCode.no;

  /** @param redact show the kinds of the key's values instead of the values */
  constructor(table: string, { attribute, key }: LiveCount, redact = false) {
    const shown = keyText(key, redact);
    const at = Object.entries(shown)
      .map(([name, value]) => `${name} = ${value}`)
      .join(", ");
    super({
      message: `live writes keep counts on ${table}, such as ${attribute} at ${at}: loading whole items would wipe them, and no migration would make up for it`,
      next: "Run `tablewright migrate up`, which takes them over, load with --redo-migrations, and run `tablewright migrate up` again; nothing else may write meanwhile.",
      facts: { table, attribute, key: shown },
    });
  }
}

/**
 * Something failed after migrations were taken back. It goes by the code and the exit status of what
 * failed, and also says that these migrations are pending again.
 */
export class TakenBackError extends TablewrightError {
  readonly code: string;
  readonly exitCode: ExitCode;

  /** @param cause what failed, as an error that says what to do */
  constructor(pendingAgain: readonly string[], cause: unknown) {
    const { code, message, next, facts } = toErrorDocument(cause);
    super({
      message: `${message}\npending again, as they were taken back: ${pendingAgain.join(", ")}`,
      next: `${next} Then run \`tablewright migrate up\`.`,
      facts: { ...facts, pendingAgain },
      cause,
    });
    this.code = code;
    this.exitCode = exitCodeOf(cause);
  }
}

/** A proof would read more than it may: nothing was read or written. */
export class ReadLimitError extends TablewrightError {
  readonly code = "read-limit";
  readonly exitCode = ExitCode.usage;

  constructor(table: string, estimatedUnits: number, limit: number) {
    super({
      message: `proving ${table} would read about ${estimatedUnits} read units, and --max-read-units allows ${limit}`,
      next: "Raise --max-read-units, or look at less: --no-indexes, --proof sample=1%.",
      facts: { table, estimatedUnits, limit },
    });
  }
}

/** A proof has read more than it may, and was stopped. */
export class ReadsStoppedError extends TablewrightError {
  readonly code = "reads-stopped";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(units: number, limit: number) {
    super({
      message: `stopped after ${units} read units, as --max-read-units allows ${limit}`,
      next: "Raise --max-read-units, or look at less: --no-indexes, --proof sample=1%.",
      facts: { units, limit },
    });
  }
}
