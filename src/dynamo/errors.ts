import { ExitCode, TablewrightError } from "../errors.ts";

/** Nothing says where the command should go, and no local engine runs. */
export class NoTargetError extends TablewrightError {
  readonly code = "no-target";
  readonly exitCode = ExitCode.couldNotRun;

  constructor() {
    super({
      message: "no local engine is running, and neither --endpoint nor --aws says where to go",
      next: "Start a local engine with `tablewright local start`, or go to AWS with --aws.",
    });
  }
}

/** An endpoint that is not this machine, without `--aws`. */
export class RemoteEndpointError extends TablewrightError {
  readonly code = "remote-endpoint";
  readonly exitCode = ExitCode.usage;

  constructor(endpoint: string) {
    super({
      message: `the endpoint ${endpoint} is not on this machine`,
      next: "Add --aws to use your AWS credentials there, or --dummy-credentials for an engine in a compose network.",
      facts: { endpoint },
    });
  }
}

/** Nothing answers at the target, or it stopped answering. */
export class UnreachableError extends TablewrightError {
  readonly code = "unreachable";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(where: string, cause: unknown) {
    super({
      message: `${where} does not answer (${cause instanceof Error ? cause.message || cause.name : String(cause)})`,
      next: "See whether the engine runs (`tablewright local status`) and the endpoint is right.",
      facts: { where },
      cause,
    });
  }
}

/** AWS refuses the credentials, or there are none. */
export class CredentialsError extends TablewrightError {
  readonly code = "credentials";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(cause: Error) {
    super({
      message: `AWS credentials were not accepted: ${cause.message}`,
      next: "Sign in again (`aws sso login`, AWS_PROFILE) and see what `tablewright doctor --aws` says.",
      facts: { name: cause.name },
      cause,
    });
  }
}

/** AWS is meant, and nothing says which region of it. */
export class RegionMissingError extends TablewrightError {
  readonly code = "region-missing";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(cause: Error) {
    super({
      message: "nothing says which region of AWS is meant",
      next: "Give --region, or set AWS_REGION, or a region in the profile of ~/.aws/config that AWS_PROFILE names.",
      cause,
    });
  }
}

/** The caller may not do this. */
export class AccessDeniedError extends TablewrightError {
  readonly code = "access-denied";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(cause: Error) {
    super({
      message: cause.message,
      next: "Use a role that allows the action.",
      facts: { name: cause.name },
      cause,
    });
  }
}

/** The table does not exist at the target. */
export class TableNotFoundError extends TablewrightError {
  readonly code = "table-not-found";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, where: string, cause?: unknown) {
    super({
      message: `there is no table ${table} at ${where}`,
      next: "Make it first: `tablewright deploy` for a local engine, `pulumi up` for AWS.",
      facts: { table, where },
      cause,
    });
  }
}

/** DynamoDB kept refusing for want of capacity until the retries were used up. */
export class ThrottledError extends TablewrightError {
  readonly code = "throttled";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(cause: Error) {
    super({
      message: `throttled to the end: ${cause.message || cause.name}`,
      next: "Wait or raise the table's capacity, then run the command again.",
      facts: { name: cause.name },
      cause,
    });
  }
}

/** The service answered with an error that none of the other classes stands for. */
export class ServiceError extends TablewrightError {
  readonly code = "service";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(where: string, cause: Error) {
    super({
      message: `${where} answered ${cause.name}: ${cause.message}`,
      next: "Look the error up in the DynamoDB API reference; --verbose shows where it came up.",
      facts: { where, name: cause.name },
      cause,
    });
  }
}

/** A table or index did not become usable in time. */
export class NotReadyError extends TablewrightError {
  readonly code = "not-ready";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(what: string, status: string, seconds: number) {
    super({
      message: `${what} is still ${status} after ${seconds} s`,
      next: "It goes on by itself; run the command again later.",
      facts: { what, status, seconds },
    });
  }
}

/** What DynamoDB was asked for does not begin to show in the table's description. */
export class NotShownError extends TablewrightError {
  readonly code = "not-shown";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(what: string, status: string, seconds: number) {
    super({
      message: `${what} is still ${status} ${seconds} s after the change was asked for`,
      next: "Somebody else may have undone it: look at the table, then run the command again.",
      facts: { what, status, seconds },
    });
  }
}

/** The index is active by its description but does not answer. */
export class IndexSilentError extends TablewrightError {
  readonly code = "index-silent";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, index: string, seconds: number, cause: unknown) {
    super({
      message: `the index ${index} of ${table} is active but refused a Query for ${seconds} s: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: "Run the command again later: it goes on from here.",
      facts: { table, index, seconds },
      cause,
    });
  }
}

/** A command that changes something was given to a client that only reads. */
export class ReadOnlyViolationError extends TablewrightError {
  readonly code = "read-only-violation";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(command: string) {
    super({
      message: `${command} was refused: this run only reads`,
      next: "A dry run or a plan must not write; if it tried to, that is a defect to report.",
      facts: { command },
    });
  }
}
