/** What the exit status of a command means; the same for every command and shown in `--help`. */
export const ExitCode = {
  /** Everything asked for was done and holds. */
  fine: 0,
  /** The answer is no: a wrong result, rejected items, a failed migration, table and file differ. */
  no: 1,
  /** Not yet: pending migrations in `check`, over budget in `verify`. */
  notYet: 2,
  /** Could not run: engine, network, credentials, throttled to the end, lost lock. */
  couldNotRun: 3,
  /** The command line or a configuration file is wrong. */
  usage: 4,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The facts behind an error, as they stand in `--json` output. */
export type ErrorFacts = Record<string, unknown>;

/** The parts every error of this project is made of. */
export interface ErrorParts {
  /** What is wrong, in one or a few lines, with its place. */
  message: string;
  /** What the reader can do about it. */
  next: string;
  /** The facts of the message as data. */
  facts?: ErrorFacts;
  /** The error underneath, when there is one. */
  cause?: unknown;
}

/**
 * The base of all expected failures: one subclass a cause. An error that is not a
 * `TablewrightError` is a defect of this program and is shown with its stack trace.
 */
export abstract class TablewrightError extends Error {
  /** A stable name for the cause, in kebab case: the `error.code` of `--json` output. */
  abstract readonly code: string;
  /** The exit status a command ends with when this error reaches it. */
  abstract readonly exitCode: ExitCode;
  readonly next: string;
  readonly facts: ErrorFacts;

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = new.target.name;
    this.next = parts.next;
    this.facts = parts.facts ?? {};
  }
}

/** The command line says something that cannot be meant. */
export class UsageError extends TablewrightError {
  readonly code = "usage";
  readonly exitCode = ExitCode.usage;
}

/** The user ended the run (Ctrl-C, SIGTERM), or whoever called the library did by its signal. */
export class InterruptedError extends TablewrightError {
  readonly code = "interrupted";
  readonly exitCode: ExitCode;

  constructor(signal?: "SIGINT" | "SIGTERM") {
    super({
      message: signal ? `stopped by ${signal}` : "stopped by the signal of its caller",
      next: "Run the same command again.",
      facts: { signal },
    });
    this.exitCode = signal === "SIGTERM" ? ExitCode.terminated : ExitCode.interrupted;
  }
}

/** A failure as it stands in `--json` output. */
export interface ErrorDocument {
  code: string;
  message: string;
  next: string;
  facts: ErrorFacts;
}

/** Turns any thrown value into the error part of a JSON document. */
export function toErrorDocument(error: unknown): ErrorDocument {
  if (error instanceof TablewrightError) {
    return { code: error.code, message: error.message, next: error.next, facts: error.facts };
  }
  return {
    code: "unexpected",
    message: error instanceof Error ? error.message : String(error),
    next: "This is a defect of tablewright: please report it with the output of the same command and --verbose.",
    facts: error instanceof Error ? { name: error.name } : {},
  };
}

/** The exit status that belongs to a thrown value. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof TablewrightError ? error.exitCode : ExitCode.couldNotRun;
}
