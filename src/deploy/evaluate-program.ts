import type { Log } from "../log.ts";
import type { Project } from "../project/find-project.ts";
import type { StackSettings } from "../project/stack-settings.ts";
import {
  DuplicateResourceError,
  ProgramFailedError,
  ProgramLoggedErrorsError,
  ProgramTimeoutError,
  ProgramUnfinishedError,
} from "./errors.ts";
import { type DeclaredResource, type Recording, startMonitor } from "./monitor.ts";
import { type ProgramFile, readProgramFile } from "./program-file.ts";
import type { Properties } from "./resource-values.ts";
import { type RunEnd, runProgram } from "./run-program.ts";
import { summarizeError } from "./summarize-error.ts";

/** What to evaluate. */
export interface EvaluateOptions {
  readonly project: Project;
  /** The stack, with the configuration that the program gets. */
  readonly settings: StackSettings;
  readonly log: Log;
  /** Ends the program when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** The program is ended after this many seconds. Default 25. */
  readonly timeoutSeconds?: number;
}

/** What a Pulumi program declares for a stack. */
export interface Evaluation {
  readonly resources: readonly DeclaredResource[];
  /** What the program exports. ARNs in it have the right form, not the right account. */
  readonly outputs: Properties;
}

/** The region that a stack is deployed to. */
export const regionOf = ({ config }: StackSettings) => config["aws:region"] ?? "us-east-1";

const DEFAULT_TIMEOUT_SECONDS = 25;

/** How Pulumi's runner reports inputs or calls that were never answered when the process ended. */
const LEAK = /promises were still active/;

/**
 * Throws unless the program ran well: its process ended with 0, it said so, and it logged no error. Any
 * one of these alone would let a program pass that stopped half-way.
 */
function judge(program: ProgramFile, end: RunEnd, { duplicates, errors, finished }: Recording): void {
  const { name } = program;
  if (duplicates.length > 0) throw new DuplicateResourceError(name, duplicates);
  const { exitCode, errorOutput } = end;
  if (exitCode !== 0 && errors.length === 0 && LEAK.test(errorOutput)) throw new ProgramUnfinishedError(name);
  if (exitCode !== 0) {
    const printed = errors.length > 0 ? errors : [errorOutput || `its process ended with ${exitCode}`];
    const summaries = printed.map((text) => summarizeError(text, program.folder));
    throw new ProgramFailedError(name, summaries, exitCode, printed.join("\n"));
  }
  if (errors.length > 0) throw new ProgramLoggedErrorsError(name, errors);
  if (!finished) throw new ProgramUnfinishedError(name);
}

/**
 * Runs the project's Pulumi program for one stack without the Pulumi CLI, and returns what it declares.
 * It runs in a process of its own, with the same runner as under `pulumi up`; nothing is made anywhere.
 * No process is left behind, whichever way this one ends.
 * @throws {ProgramSetupError} {@link ProgramFailedError} {@link ProgramLoggedErrorsError}
 *   {@link DuplicateResourceError} {@link ProgramUnfinishedError} {@link ProgramTimeoutError}
 */
export async function evaluateProgram(options: EvaluateOptions): Promise<Evaluation> {
  const { project, settings, log, signal, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
  signal?.throwIfAborted();
  const program = readProgramFile(project);
  const { project: name, stack } = settings;
  const monitor = await startMonitor({ project: name, stack, region: regionOf(settings), log });
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const end = await runProgram({
      program,
      settings,
      root: project.root,
      address: monitor.address,
      onLine: (line) => log.info(line),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    signal?.throwIfAborted();
    if (timeout.aborted) throw new ProgramTimeoutError(program.name, timeoutSeconds, end.errorOutput);
    judge(program, end, monitor.recording);
    if (end.errorOutput) log.debug(end.errorOutput);
  } finally {
    monitor.stop();
  }
  const { resources, outputs } = monitor.recording;
  return { resources, outputs };
}
