import { ExitCode, TablewrightError } from "../errors.ts";
import type { TableDifference } from "./table-state.ts";

/** The Pulumi program cannot be started as Pulumi.yaml says. */
export class ProgramSetupError extends TablewrightError {
  readonly code = "program-setup";
  readonly exitCode = ExitCode.usage;

  constructor(problem: string, next: string, cause?: unknown) {
    super({ message: problem, next, cause });
  }
}

/** The Pulumi program threw, left a promise rejected, or its process ended with a failure. */
export class ProgramFailedError extends TablewrightError {
  readonly code = "program-failed";
  readonly exitCode = ExitCode.usage;

  /** @param printed what the runner printed, with stack traces: shown with --verbose only */
  constructor(program: string, errors: readonly string[], exitCode: number, printed: string) {
    super({
      message: `${program} failed: ${errors.join("\n")}`,
      next: "Correct the program or its configuration and run the command again; nothing was changed.",
      facts: { program, errors, exitCode },
      cause: new Error(printed),
    });
  }
}

/** The Pulumi program ran to its end, but reported errors with `pulumi.log.error`. */
export class ProgramLoggedErrorsError extends TablewrightError {
  readonly code = "program-logged-errors";
  readonly exitCode = ExitCode.usage;

  constructor(program: string, errors: readonly string[]) {
    super({
      message: `${program} logged ${errors.length === 1 ? "an error" : `${errors.length} errors`}: ${errors.join("\n")}`,
      next: "Correct what the program complains about; nothing was changed.",
      facts: { program, errors },
    });
  }
}

/** The Pulumi program declares two resources of one type and name. */
export class DuplicateResourceError extends TablewrightError {
  readonly code = "duplicate-resource";
  readonly exitCode = ExitCode.usage;

  constructor(program: string, urns: readonly string[]) {
    super({
      message: `${program} declares more than once: ${urns.join(", ")}`,
      next: "Give each resource a name of its own; nothing was changed.",
      facts: { program, urns },
    });
  }
}

/** The Pulumi program's process ended well, but before the program was through. */
export class ProgramUnfinishedError extends TablewrightError {
  readonly code = "program-unfinished";
  readonly exitCode = ExitCode.usage;

  constructor(program: string) {
    super({
      message: `${program} ended before it was finished, so not every resource may have been declared`,
      next: "See that it neither calls process.exit nor waits for something that never comes; nothing was changed.",
      facts: { program },
    });
  }
}

/** The Pulumi program did not end in time: it hangs, or the machine is slow. */
export class ProgramTimeoutError extends TablewrightError {
  readonly code = "program-timeout";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(program: string, seconds: number, output: string) {
    super({
      message: `${program} was still running after ${seconds} s and was ended${output ? `; it printed:\n${output}` : ""}`,
      next:
        "Run the command again where the machine was busy. Else look for a timer, a connection or a loop that keeps it going. Where nodeargs in Pulumi.yaml lack " +
        '"--import tablewright/pulumi-preload", a thrown error can hang Node 20.20 as well.',
      facts: { program, seconds },
    });
  }
}

/** A declared table says something that this program does not understand. */
export class UnsupportedDeclarationError extends TablewrightError {
  readonly code = "unsupported-declaration";
  readonly exitCode = ExitCode.usage;

  constructor(urn: string, problems: readonly string[]) {
    super({
      message: problems.map((problem) => `${urn}: ${problem}`).join("\n"),
      next: "Correct the declaration. Where it is right for AWS, this version cannot make the table locally.",
      facts: { urn, problems },
    });
  }
}

/** Two declared tables have one physical name. */
export class DuplicateTableNameError extends TablewrightError {
  readonly code = "duplicate-table-name";
  readonly exitCode = ExitCode.usage;

  constructor(table: string, urns: readonly string[]) {
    super({
      message: `the table name ${table} is declared ${urns.length} times: ${urns.join(", ")}`,
      next:
        "Give each table a name of its own; tableNamePrefix and ledgerTableName in Pulumi.<stack>.yaml " +
        "are what this project's are made from.",
      facts: { table, urns },
    });
  }
}

/** A live table differs from its declaration in a way that only a new table can mend. */
export class UnmendableDriftError extends TablewrightError {
  readonly code = "unmendable-drift";
  readonly exitCode = ExitCode.no;

  constructor(table: string, differences: readonly TableDifference[]) {
    const sides = differences.map(
      ({ field, declared, found }) => `${field}: declared ${declared}, found ${found}`,
    );
    super({
      message: `table ${table} differs from its declaration in what cannot be changed:\n  ${sides.join("\n  ")}`,
      next: "Delete the table (`tablewright table delete`), or give the declared one another name, and deploy again.",
      facts: { table, differences },
    });
  }
}

/** An index is being deleted, and the engine never gets done with it. */
export class StuckIndexError extends TablewrightError {
  readonly code = "stuck-index";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, index: string, cause: unknown) {
    super({
      message:
        `index ${index} of ${table} is being deleted, and this engine does not get done with it, as with any index ` +
        "that was made with its table and has no key of its own; meanwhile the table takes no changes",
      next:
        "Make the table anew: `tablewright table delete`, which takes its items along, `tablewright deploy` and " +
        "`tablewright seed`.",
      facts: { table, index },
      cause,
    });
  }
}

/** A table is still not as declared after every step was carried out, again and again. */
export class NotConvergedError extends TablewrightError {
  readonly code = "not-converged";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, left: readonly string[], cause?: unknown) {
    super({
      message: `table ${table} does not become as declared; still to do: ${left.join(", ")}`,
      next: "Another process may be changing the table: stop it and deploy again. Else the engine ignores the setting.",
      facts: { table, left },
      cause,
    });
  }
}
