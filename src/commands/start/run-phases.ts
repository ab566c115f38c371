import { Listr, ListrLogger, ProcessOutput } from "listr2";
import { ExitCode } from "../../errors.ts";
import type { Log } from "../../log.ts";

/** What a phase came to. */
export interface PhaseOutcome {
  /** One line: what was made, counted or checked. */
  readonly summary: string;
  /** The same as data. */
  readonly document: Readonly<Record<string, unknown>>;
  /** Anything but fine ends the run after this phase. */
  readonly exitCode: ExitCode;
  /** The whole story, shown when the exit code is not fine. */
  readonly details: string | undefined;
}

/** One part of the whole life of a table. */
export interface Phase {
  readonly name: string;
  /** What it does, as a few words to stand beside a spinner. */
  readonly doing: string;
  run(): Promise<PhaseOutcome>;
}

/** A phase that has ended, or was never reached. */
export interface PhaseResult {
  readonly name: string;
  readonly status: "done" | "failed" | "notRun";
  readonly seconds: number;
  readonly outcome: PhaseOutcome | undefined;
}

/** Carries a phase's outcome through the task list, which knows success and errors only. */
class PhaseStopped extends Error {
  readonly outcome: PhaseOutcome;
  constructor(outcome: PhaseOutcome) {
    super(outcome.summary);
    this.outcome = outcome;
  }
}

const NAME_WIDTH = 8;
const seconds = (startedAt: number) => (performance.now() - startedAt) / 1000;

/** A phase's name and time. */
export function phaseHead({ name, status, seconds: took }: PhaseResult): string {
  const time = status === "notRun" ? "" : `${took.toFixed(1)} s`;
  return `${name.padEnd(NAME_WIDTH)}${time.padStart(7)}`;
}

/** A phase's line: its name, its time and what it came to. */
export function phaseLine(result: PhaseResult): string {
  return `${phaseHead(result)}  ${result.outcome?.summary ?? "not run"}`;
}

/**
 * Runs phases one after the other and shows them as they go: a live list on a terminal, a line each
 * elsewhere. The first that does not end fine is the last one that runs.
 * @throws what a phase throws, after the display has ended.
 */
export async function runPhases(phases: readonly Phase[], log: Log): Promise<PhaseResult[]> {
  const results = phases.map(
    ({ name }): PhaseResult => ({ name, status: "notRun", seconds: 0, outcome: undefined }),
  );
  const runOne = async (phase: Phase, index: number): Promise<PhaseResult> => {
    const startedAt = performance.now();
    const outcome = await phase.run();
    const status = outcome.exitCode === ExitCode.fine ? "done" : "failed";
    const result: PhaseResult = { name: phase.name, status, seconds: seconds(startedAt), outcome };
    results[index] = result;
    if (status === "failed") throw new PhaseStopped(outcome);
    return result;
  };
  try {
    if (log.live) await showLive(phases, runOne, log);
    else {
      for (const [index, phase] of phases.entries()) log.info(phaseHead(await runOne(phase, index)));
    }
  } catch (error) {
    if (!(error instanceof PhaseStopped)) throw error;
  }
  return results;
}

async function showLive(
  phases: readonly Phase[],
  runOne: (phase: Phase, index: number) => Promise<PhaseResult>,
  log: Log,
): Promise<void> {
  const tasks = phases.map((phase, index) => ({
    title: `${phase.name.padEnd(NAME_WIDTH)}         ${log.style.dim(phase.doing)}`,
    task: async (_: unknown, task: { title: string }) => {
      task.title = phaseHead(await runOne(phase, index));
    },
  }));
  // Standard output carries the result only, so the list is drawn on the log's own stream.
  const logger = new ListrLogger({
    useIcons: false,
    processOutput: new ProcessOutput(log.stream, log.stream),
  });
  await new Listr(tasks, {
    concurrent: false,
    exitOnError: true,
    registerSignalListeners: false,
    rendererOptions: { logger, showErrorMessage: false, collapseErrors: false, formatOutput: "wrap" },
  }).run();
}
