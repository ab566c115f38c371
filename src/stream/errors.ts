import { ExitCode, TablewrightError } from "../errors.ts";

/** The table writes no stream. */
export class NoStreamError extends TablewrightError {
  readonly code = "no-stream";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(table: string, stack: string) {
    super({
      message: `the table ${table} has no stream`,
      next: `Set tablewright:stream to true in Pulumi.${stack}.yaml, and deploy the stack.`,
      facts: { table, stack },
    });
  }
}

/** The stream went away while it was read. */
export class StreamGoneError extends TablewrightError {
  readonly code = "stream-gone";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(streamArn: string, cause: unknown) {
    super({
      message: `the stream ${streamArn} is gone`,
      next: "The table was deleted, or its stream was switched off. Deploy the stack, and run the command again.",
      facts: { streamArn },
      cause,
    });
  }
}

/** The stack declares no function on the table's stream, not the one asked for, or several. */
export class NoConsumerError extends TablewrightError {
  readonly code = "no-consumer";
  readonly exitCode = ExitCode.usage;

  constructor(table: string, stack: string, known: readonly string[], asked?: string) {
    const several = asked === undefined && known.length > 1;
    const list = known.join(", ");
    const lacking = `the stack ${stack} declares no function${asked === undefined ? "" : ` ${asked}`} that reads the stream of ${table}`;
    super({
      message: several ? `several functions read the stream of ${table}: ${list}` : lacking,
      next:
        known.length > 0
          ? `Name one of ${list} with --function.`
          : `Set tablewright:stream and tablewright:streamConsumer to true in Pulumi.${stack}.yaml, and deploy the stack.`,
      facts: { table, stack, known, asked },
    });
  }
}

/** A declared filter uses an operator that is not understood here. */
export class UnsupportedFilterError extends TablewrightError {
  readonly code = "unsupported-filter";
  readonly exitCode = ExitCode.usage;

  constructor(pattern: string, problem: string) {
    super({
      message: `the filter ${pattern} cannot be applied locally: ${problem}`,
      next: "Local runs know exact values, prefix, suffix, exists and anything-but.",
      facts: { pattern, problem },
    });
  }
}

/** What is known of a consumer's progress cannot be read. */
export class CheckpointError extends TablewrightError {
  readonly code = "checkpoint";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(file: string, problem: string, cause?: unknown) {
    super({
      message: `the checkpoint ${file} ${problem}`,
      next: "Start anew with --from trim-horizon: the consumer counts each event once, so nothing is repeated.",
      facts: { file, problem },
      cause,
    });
  }
}

/** Another process runs the consumer with the same checkpoint. */
export class ConsumerRunningError extends TablewrightError {
  readonly code = "consumer-running";
  readonly exitCode = ExitCode.couldNotRun;

  /** @param mark the file by which the other run is known */
  constructor(mark: string, pid: number) {
    super({
      message: `process ${pid} runs this consumer already, and two would note their progress over each other's`,
      next: `Stop it first (Ctrl-C, or kill ${pid}). If that process is something else, delete ${mark}.`,
      facts: { mark, pid },
    });
  }
}

/** A run of a consumer cannot leave its mark beside the checkpoint. */
export class RunMarkError extends TablewrightError {
  readonly code = "run-mark";
  readonly exitCode = ExitCode.couldNotRun;

  constructor(mark: string, cause: unknown) {
    super({
      message: `the mark of this run, ${mark}, cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: "See that its folder can be written, and run the command again.",
      facts: { mark },
      cause,
    });
  }
}
