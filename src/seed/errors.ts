import { ExitCode, TablewrightError } from "../errors.ts";
import type { Defect } from "./file/records.ts";

/** The seed file is missing or cannot be read. */
export class SeedFileError extends TablewrightError {
  readonly code = "seed-file";
  readonly exitCode = ExitCode.usage;

  constructor(file: string, cause: unknown) {
    super({
      message: `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: "Name a JSON-lines file, or make one with `tablewright seed generate`.",
      facts: { file },
      cause,
    });
  }
}

/** What is wrong with a seed file: the first defects, and how many there are. */
export interface DefectSummary {
  readonly source: string;
  readonly defects: readonly Defect[];
  readonly defectCount: number;
  /** The file with all of them, where there are more than `defects` holds. */
  readonly defectsFile?: string | undefined;
}

/** A defect in one line: `items.json:7:12: number has 39 digits`. */
export function defectText(source: string, { line, column, reason }: Defect): string {
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
    const count = summary.defectCount === 1 ? "1 defect" : `${summary.defectCount} defects`;
    super({
      message: [`${summary.source} has ${count}; nothing was written`, ...defectLines(summary)].join("\n"),
      next: "Correct the file and run the command again.",
      facts: { ...summary },
    });
  }
}

/** The file was changed between the check and the end of the load. */
export class SeedFileChangedError extends TablewrightError {
  readonly code = "seed-file-changed";
  readonly exitCode = ExitCode.no;

  constructor(source: string, checked: number, loaded: number) {
    super({
      message: `${source} changed during the load: ${checked} items when it was checked, ${loaded} when it was loaded`,
      next: "Let nothing write to the file, and load it again: writing an item twice does no harm.",
      facts: { source, checked, loaded },
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
