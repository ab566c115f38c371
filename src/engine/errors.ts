import { ExitCode, TablewrightError } from "../errors.ts";

/** No embedded engine can run on this machine. */
export class NoEngineError extends TablewrightError {
  readonly code = "no-engine";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(reasons: readonly string[]) {
    super({
      message: `no embedded DynamoDB engine can run here:\n${reasons.map((reason) => `  ${reason}`).join("\n")}`,
      next: "Install Java 17 or later (for example `apt-get install openjdk-17-jre-headless`), and see `tablewright doctor`.",
      facts: { reasons },
    });
  }
}

/** The engine's process ended, or did not answer, while it was starting. */
export class EngineStartError extends TablewrightError {
  readonly code = "engine-start";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(engine: string, problem: string, output: string) {
    super({
      message: `${engine} did not start: ${problem}${output ? `\n${output}` : ""}`,
      next: "See `tablewright doctor`; free memory and the data folder's permissions are the usual causes.",
      facts: { engine, problem, output },
    });
  }
}

/** The state folder of the project cannot be written. */
export class StateFolderError extends TablewrightError {
  readonly code = "state-folder";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(folder: string, cause: unknown) {
    super({
      message: `cannot write ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: "Make the folder writable, or use `tablewright start`, which keeps nothing on disk.",
      facts: { folder },
      cause,
    });
  }
}

/** Another engine than the one asked for is running. */
export class EngineMismatchError extends TablewrightError {
  readonly code = "engine-mismatch";
  readonly exitCode = ExitCode.usage;

  constructor(engine: string, endpoint: string) {
    super({
      message: `${engine} is running at ${endpoint}, not the engine asked for`,
      next: "Use that one, or end it first with `tablewright local stop`. Each kind of engine has data of its own.",
      facts: { engine, endpoint },
    });
  }
}
