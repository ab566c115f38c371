import { ExitCode, TablewrightError } from "../errors.ts";
import { HIDDEN } from "./verdict.ts";

/** One line of a source file that cannot be used. */
export interface SourceDefect {
  readonly line: number;
  readonly problem: string;
}

/** How many defects a message spells out; all of them are in the facts. */
const SHOWN_DEFECTS = 20;

/** The file that the right answers come from cannot be read as items. */
export class SourceFileError extends TablewrightError {
  readonly code = "source-file";
  readonly exitCode = ExitCode.no;

  constructor(file: string, defects: readonly SourceDefect[], cause?: unknown) {
    const lines = defects.slice(0, SHOWN_DEFECTS).map(({ line, problem }) => `${file}:${line}: ${problem}`);
    if (defects.length > SHOWN_DEFECTS) lines.push(`and ${defects.length - SHOWN_DEFECTS} more`);
    super({
      message: lines.join("\n"),
      next: "Correct the file, name another with --source, or take the table itself with --source table.",
      facts: { file, defects },
      cause,
    });
  }
}

/** There is no such source file. */
export class SourceMissingError extends TablewrightError {
  readonly code = "source-missing";
  readonly exitCode = ExitCode.usage;

  constructor(file: string, cause: unknown) {
    super({
      message: `cannot read the source items: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: "Name the file with --source, or take the table itself with --source table.",
      facts: { file },
      cause,
    });
  }
}

/** The source has no items, so that no answer could be wrong. */
export class EmptySourceError extends TablewrightError {
  readonly code = "empty-source";
  readonly exitCode = ExitCode.no;

  constructor(source: string) {
    super({
      message: `there are no items in ${source}, so nothing can be verified`,
      next: "Load the table first (`tablewright seed`), or name another source with --source.",
      facts: { source },
    });
  }
}

/** The model has no access patterns, so that nothing can be verified. */
export class NoPatternsError extends TablewrightError {
  readonly code = "no-patterns";
  readonly exitCode = ExitCode.no;

  constructor(model: string) {
    super({
      message: `the model "${model}" has no access patterns, so nothing can be verified`,
      next: `List its patterns in queries/${model}/index.ts.`,
      facts: { model },
    });
  }
}

/** `--pattern` names what the model does not have. */
export class UnknownPatternError extends TablewrightError {
  readonly code = "unknown-pattern";
  readonly exitCode = ExitCode.usage;

  constructor(unknown: readonly string[], known: readonly string[]) {
    super({
      message: `no access pattern is called ${unknown.join(", ")} (known: ${known.join(", ")})`,
      next: "Name known patterns with --pattern.",
      facts: { unknown, known },
    });
  }
}

/** Writing patterns need a scratch table, and on AWS nobody said that one may be made. */
export class ScratchNotAllowedError extends TablewrightError {
  readonly code = "scratch-not-allowed";
  readonly exitCode = ExitCode.usage;

  constructor(patterns: readonly string[]) {
    super({
      message: `${patterns.join(", ")} write, and are verified on a scratch table of their own`,
      next: "Allow a short-lived on-demand table with --scratch, or leave these patterns out with --read-only.",
      facts: { patterns },
    });
  }
}

/** DynamoDB kept leaving items of a scratch table unwritten. */
export class UnwrittenScratchError extends TablewrightError {
  readonly code = "scratch-unwritten";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, items: number, seconds: number) {
    super({
      message: `${items} items of the scratch table ${table} stayed unprocessed for ${seconds} s`,
      next: "Run the command again when the account has write capacity to spare.",
      facts: { table, items, seconds },
    });
  }
}

/** The oracles cannot read the source items. */
export class UnreadableSourceError extends TablewrightError {
  readonly code = "source-unreadable";
  readonly exitCode = ExitCode.no;

  /** @param redact leave out the oracles' own words, which quote items */
  constructor(source: string, cause: unknown, redact = false) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super({
      message: `the oracles cannot read ${source}: ${redact ? HIDDEN : reason}`,
      next: "Correct the items, or teach parseSource of the model's oracles the new kind of item.",
      facts: { source },
      cause,
    });
  }
}

/** `--bench` was asked for, and there is no reading pattern to measure. */
export class NothingToBenchError extends TablewrightError {
  readonly code = "nothing-to-bench";
  readonly exitCode = ExitCode.usage;

  constructor() {
    super({
      message: "--bench measures reading patterns, and none was selected",
      next: "Name a reading pattern with --pattern, or leave --bench out.",
    });
  }
}

/** A file of earlier latencies cannot be used. */
export class BaselineFileError extends TablewrightError {
  readonly code = "baseline-file";
  readonly exitCode = ExitCode.usage;

  constructor(file: string, problem: string, cause?: unknown) {
    super({
      message: `cannot use ${file} as a baseline: ${problem}`,
      next: "Make one on this machine with --save-baseline, and name it with --baseline.",
      facts: { file, problem },
      cause,
    });
  }
}

/** A file that a part is to be written into does not say where. */
export class UnmarkedFileError extends TablewrightError {
  readonly code = "file-unmarked";
  readonly exitCode = ExitCode.usage;

  constructor(file: string, { begin, end }: { readonly begin: string; readonly end: string }) {
    super({
      message: `${file} does not hold ${begin} and, behind it, ${end}, each once`,
      next: "Put the two marks, each on a line of its own, where the access patterns shall stand.",
      facts: { file, begin, end },
    });
  }
}

/** A file of earlier reports is not one. */
export class EarlierReportError extends TablewrightError {
  readonly code = "earlier-report";
  readonly exitCode = ExitCode.usage;

  /** @param problems each with its place in the file, where it has one */
  constructor(file: string, problems: readonly string[], cause?: unknown) {
    const shown = problems.slice(0, 5);
    const more = problems.length - shown.length;
    super({
      message: `${file} is no report of verify --json: ${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`,
      next: "Take the file out of the folder, or write it anew with verify --json.",
      facts: { file, problems },
      cause,
    });
  }
}
